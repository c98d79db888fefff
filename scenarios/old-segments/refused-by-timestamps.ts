import { scenario } from '../../src/index.ts';
import {
  approach,
  fitsNow,
  isJust,
  lastAnswer,
  reincarnate,
  sha256,
  widenWindows,
} from '../../src/kit/kit.ts';

export default scenario({
  title: 'Timestamps distinguish an old segment from a new one',
  claim:
    'With timestamps on, an old segment whose numbers fit is refused for its older timestamp, and PAWSEstab counts it: the reader ' +
    'gets exactly what was sent, even without TIME_WAIT.',
  source: ['RFC 7323 section 5 (PAWS)', 'Linux: tcp_validate_incoming(), tcp_paws_discard()'],
  decides: ['C31'],
  needs: ['packets'],
  control: 'replay',
  takes: 3,

  async run({ lab, expect, step, note }) {
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 0);
    await widenWindows(lab);

    await step('a connection sends a lot and ends; the same two ports are connected again at once');
    const again = await reincarnate(lab);
    const { server, client, stray } = again;
    const { segment, ahead } = stray;
    note(`The new connection begins ${ahead} bytes before an old segment with ${segment.length} bytes.`);

    await step('both sides send, until it lies in the window');
    const [before, missing] = await approach(again);
    await expect(server).receives(before);

    await step('that segment arrives again, and the client sends past it');
    const fits = fitsNow(stray, await lab.wire.captured(client));
    expect.value('its numbers, in the new connection', fits).equals('fits');
    const counters = await lab.kernel.counters();
    await lab.wire.replay([segment]);
    const sent = 'n'.repeat(ahead + segment.length);
    await client.write('n'.repeat(missing + segment.length));
    const read = await server.read(sent.length);

    await step('it has arrived, and nothing of it was read');
    const { segments } = await lab.wire.captured(client);
    const isOld = ({ sequence, timestamps }: typeof segment) =>
      sequence === segment.sequence && timestamps?.value === segment.timestamps?.value;
    expect.value('old segments that arrived', segments.filter(isOld).length).equals(1);
    expect
      .value('segments refused for their timestamp, PAWSEstab', await counters.moved('PAWSEstab'), {
        supports: 'C31',
      })
      .equals(1);
    expect
      .value('and then', read.ended, {
        ...{ without: 'last read', supports: 'C31' },
        derived: lastAnswer(server, 'read', 'ended'),
      })
      .equals('enough');
    const isRight = read.sha256 === sha256(sent);
    expect
      .value('what was read', isRight ? 'just what was sent' : 'something else', {
        without: 'last read',
        supports: 'C31',
        otherwise: 'something else',
        derived: isJust(server, sha256(sent)),
      })
      .equals('just what was sent');
  },
});
