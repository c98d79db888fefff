import type { Peer } from '../lab/ends/peer.ts';
import type { Lab } from '../lab/lab.ts';
import type { ConnectionSegment } from '../observe/packets/connections.ts';
import { has } from '../observe/packets/segment.ts';

/** Which sides have ended the peer's only connection, and how: `client RST`, as soon as it has been captured; `nothing` if nothing ends it. */
export async function endingOf(lab: Lab, peer: Peer): Promise<string> {
  const endings = ['FIN', 'RST'] as const;
  const endingsIn = (segments: readonly ConnectionSegment[]) =>
    segments.flatMap(({ sender, flags }) =>
      endings.filter((flag) => flags.includes(flag)).map((flag) => `${sender} ${flag}`),
    );
  const { segments } = await lab.wire.captured(peer, (seen) => endingsIn(seen.segments).length > 0);
  return [...new Set(endingsIn(segments))].join(', ') || 'nothing';
}

/** Flags as in a ladder: `PSH ACK`. */
export function flagsOf(segment: ConnectionSegment | undefined): string {
  return segment?.flags.join(' ') ?? 'nothing';
}

/** A FIN, and the first segment that acknowledged it, before the FIN was sent again. */
export interface AnsweredFin {
  readonly fin: ConnectionSegment;
  readonly answer: ConnectionSegment | undefined;
}

/** Each FIN that a side sent, including repetitions, with its answer. */
export function finsAndAnswers(
  segments: readonly ConnectionSegment[],
  sender: ConnectionSegment['sender'],
): AnsweredFin[] {
  const isFin = (segment: ConnectionSegment) => segment.sender === sender && has(segment, 'FIN');
  return segments.flatMap((fin, i) => {
    if (!isFin(fin)) return [];
    const rest = segments.slice(i + 1);
    const next = rest.findIndex(isFin);
    const until = next === -1 ? rest : rest.slice(0, next);
    const behind = (fin.sequence + fin.length + 1) >>> 0;
    const answer = until.find((other) => other.sender !== sender && other.acknowledgment === behind);
    return [{ fin, answer }];
  });
}

/** The milliseconds from the first sending of a side's data to each retransmission. */
export function gapsOfRepeats(
  segments: readonly ConnectionSegment[],
  sender: ConnectionSegment['sender'],
): number[] {
  const [first, ...rest] = segments.filter((segment) => segment.sender === sender && segment.length > 0);
  if (first === undefined) return [];
  const times = [first, ...rest.filter(({ sequence }) => sequence === first.sequence)].map(({ at }) => at);
  return times.slice(1).map((at, i) => at - (times[i] ?? at));
}
