import { type ConnectionSegment, has, integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'In an ordinary close the second FIN answers the first',
  claim:
    'Only FINs that cross lead to CLOSING. A side that closes since it has read the end acknowledges the first FIN with its own: ' +
    'the other side is in TIME_WAIT then, and neither has been in CLOSING.',
  source: ['RFC 9293 section 3.6, figures 12 and 13', 'Linux: tcp_fin()'],
  decides: ['C26'],
  needs: ['packets'],
  control: 'end',
  parameters: { closes: integer(10, { min: 1, max: 100 }, 'how many connections are closed') },

  async run({ lab, expect, step, closes }) {
    await step('a server that closes when it has read the end; clients that close, one after the other');
    const server = await lab.server({ conduct: 'reads' });
    const crossed: boolean[] = [];
    for (let i = 0; i < closes; i++) {
      const client = await lab.client(server, { process: server });
      await client.end();
      await expect(client).state('TIME_WAIT');
      const { segments } = await lab.captured(client, (seen) => finsOf(seen.segments).length === 2);
      crossed.push(haveCrossed(finsOf(segments)));
    }

    await step('what was captured');
    const crossings = crossed.filter((crossing) => crossing).length;
    expect.value('FINs that did not know of the other', crossings, { supports: 'C26/rare' }).equals(0);
  },
});

/** The first one of each side. */
function finsOf(segments: readonly ConnectionSegment[]): ConnectionSegment[] {
  const fins = segments.filter((segment) => has(segment, 'FIN'));
  return fins.filter((fin, i) => fins.findIndex(({ sender }) => sender === fin.sender) === i);
}

/** The second one says what its side had heard of the first side by then. */
function haveCrossed([first, second]: readonly ConnectionSegment[]): boolean {
  if (first === undefined || second === undefined) return true;
  return (second.relativeAcknowledgment ?? 0) < first.relativeSequence + first.length + 1;
}
