import { scenario } from '../../src/index.ts';
import {
  approach,
  lastAnswer,
  reincarnate,
  sha256,
  widenWindows,
  withoutProtection,
} from '../../src/kit/kit.ts';

export default scenario({
  title: 'An old segment of the same pair is read as if it were new',
  claim:
    'Without timestamps and without TIME_WAIT a repeated segment of the last incarnation of a pair is accepted by the ' +
    'next one: the reader gets wrong bytes, and no error.',
  source: ['RFC 9293 section 3.4.3', 'RFC 1337 section 1', 'Linux: secure_tcp_seq(), tcp_data_queue()'],
  decides: ['C29'],
  needs: ['packets'],
  control: 'replay',
  takes: 3,

  async run({ lab, expect, step, note }) {
    const under = await withoutProtection(lab);
    await widenWindows(lab);

    await step('a connection sends a lot and ends; the same two ports are connected again at once');
    const again = await reincarnate(lab);
    const { server, client } = again;
    const { segment, ahead } = again.stray;
    note(`The new connection begins ${ahead} bytes before an old segment with ${segment.length} bytes.`);

    await step('both sides send, until it lies in the window');
    const [before, missing] = await approach(again);
    await expect(server).receives(before);

    await step('that segment arrives again, and the client sends up to its first byte');
    await lab.wire.replay([segment]);
    await client.write('n'.repeat(missing));
    await expect(server, { supports: 'C29', otherwise: ahead, under }).receives(ahead + segment.length);

    await step('the client sends the rest, and the server reads all of it');
    await client.write('n'.repeat(segment.length));
    const sent = 'n'.repeat(ahead + segment.length);
    const read = await server.read(sent.length);
    expect.value('bytes read', read.bytes).equals(sent.length);
    expect
      .value('and then', read.ended, {
        ...{ without: 'last read', supports: 'C29', under },
        derived: lastAnswer(server, 'read', 'ended'),
      })
      .equals('enough');
    expect
      .value('SHA-256 of what was read', read.sha256, {
        ...{ supports: 'C29', otherwise: sha256(sent), under },
        derived: lastAnswer(server, 'read', 'sha256'),
      })
      .isNot(sha256(sent));
  },
});
