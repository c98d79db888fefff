import { integer, scenario } from '../../src/index.ts';
import { type ConnectionSegment, has } from '../../src/kit/kit.ts';

export default scenario({
  title: 'In an ordinary close the second FIN answers the first',
  claim:
    'CLOSING is for a side that has closed and gets a FIN which does not acknowledge its own. If one side closes because it has ' +
    'read the end, its FIN acknowledges the first: the other side enters TIME_WAIT, and neither has been in CLOSING.',
  source: ['RFC 9293 section 3.6, figures 12 and 13', 'Linux: tcp_fin()'],
  decides: ['C26'],
  needs: ['packets'],
  control: 'end',
  parameters: { closes: integer(10, { min: 1, max: 100 }, 'close n connections') },

  async run({ lab, expect, step, closes }) {
    await step('a server that closes when it has read the end; clients that close, one after the other');
    const server = await lab.server({ conduct: 'reads' });
    const inTurn: boolean[] = [];
    for (let i = 0; i < closes; i++) {
      const client = await lab.client(server, { process: server });
      await client.end();
      await expect(client).state('TIME_WAIT');
      const { segments } = await lab.wire.captured(client, (seen) => finsOf(seen.segments).length === 2);
      inTurn.push(areInTurn(finsOf(segments)));
    }

    await step('what was captured');
    const others = inTurn.filter((is) => !is).length;
    expect
      .value('second FINs that do not acknowledge the first', others, {
        supports: 'C26/rare',
        otherwise: { atLeast: Math.max(2, closes / 2) },
        derived: { from: 'packets', jq: notInTurn },
      })
      .equals(0);
  },
});

/** How many connections do not have two FINs, first of the client, and then one that acknowledges it: for jq. */
const notInTurn = [
  'map(select(.flags | index("FIN"))) | group_by(.pair) | map(unique_by(.sender) | sort_by(.number))',
  'map(select(.[0].sender != "client" or .[1] == null or .[1].acknowledgment != (.[0].sequence + .[0].length + 1) % 4294967296))',
  'length',
].join(' | ');

/** The first one of each side. */
function finsOf(segments: readonly ConnectionSegment[]): ConnectionSegment[] {
  const fins = segments.filter((segment) => has(segment, 'FIN'));
  return fins.filter((fin, i) => fins.findIndex(({ sender }) => sender === fin.sender) === i);
}

/** The first is the client's, which closes by itself; the second acknowledges it. */
function areInTurn([first, second]: readonly ConnectionSegment[]): boolean {
  if (first?.sender !== 'client' || second === undefined) return false;
  return (second.relativeAcknowledgment ?? 0) > first.relativeSequence + first.length;
}
