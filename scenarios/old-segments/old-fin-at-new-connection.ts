import { scenario } from '../../src/index.ts';
import {
  approach,
  has,
  lastAnswer,
  reincarnate,
  widenWindows,
  withoutProtection,
} from '../../src/kit/kit.ts';

export default scenario({
  title: 'An old FIN ends a new connection',
  claim:
    'Without timestamps and without TIME_WAIT a repeated FIN of the last incarnation is taken for one of the next: ' +
    'the reader sees an orderly end, but the sender has not closed.',
  source: ['RFC 9293 section 3.4.3', 'Linux: tcp_data_queue(), tcp_ofo_queue(), tcp_fin()'],
  decides: ['C16'],
  needs: ['packets'],
  control: 'replay',
  takes: 3,

  async run({ lab, expect, step, note }) {
    const under = await withoutProtection(lab);
    await widenWindows(lab);

    await step('a connection sends a lot and ends; the same two ports are connected again at once');
    const again = await reincarnate(lab, {
      wanted: ({ segment, acknowledges }) => has(segment, 'FIN') && acknowledges > 0,
    });
    const { server, client, stray } = again;
    note(`The new connection begins ${stray.ahead} bytes before the old FIN.`);

    await step('both sides send, until it lies in the window');
    const [before, missing] = await approach(again);
    await expect(server).receives(before);

    await step('the old FIN arrives again, and the client sends up to its sequence number');
    await lab.wire.replay([stray.segment]);
    const [, read] = await Promise.all([client.write(missing), server.read(stray.ahead)]);

    await step('what the server reads');
    expect.value('bytes read', read.bytes).equals(stray.ahead);
    await expect(server, { supports: 'C16', otherwise: 'ESTABLISHED', under }).state('CLOSE_WAIT');
    const { ended } = await server.read();
    expect
      .value('and then', ended, { supports: 'C16', under, derived: lastAnswer(server, 'read', 'ended') })
      .equals('end');
    await expect(client, { note: 'the client has not closed' }).state('ESTABLISHED');
  },
});
