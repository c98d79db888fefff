import { formatEndpoint, sameEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import type { State } from '../../state.ts';
import { type Connection, type ConnectionSegment, connectionsOf, keyOf, type Role } from './connections.ts';
import { mergeTrace } from './merge-trace.ts';
import type { Flag, Segment } from './segment.ts';
import type { Transition } from './transitions.ts';

export interface SideTransition extends Transition {
  readonly side: Role;
  /** The arrival of the segment that caused the change, whether the side sent it or processed it; null if unknown. */
  readonly segmentAt: number | null;
}

/** A connection with everything that was observed: the segments between its sides, and the states of both. */
export interface RecordedConnection extends Connection {
  readonly transitions: readonly SideTransition[];
}

export interface Recording {
  readonly connections: readonly RecordedConnection[];
  /** All segments, in the order of their arrival. */
  readonly segments: readonly Segment[];
  /** `traced`: the kernel reported the times of transitions; `asked`: polling found them. */
  readonly states: 'traced' | 'asked';
  /** What the kernel's tracepoint wrote, word for word; missing in saved documents. */
  readonly traceLines?: readonly string[];
  /** Why segments did not wait until the states of both sides were known; null if they did. */
  readonly whyNotHeld: string | null;
  /** Segments that passed because too many were waiting. */
  readonly passed: number;
  /** Packets that did not fit into the kernel's buffer. */
  readonly dropped: number;
  /** Segments of connections beyond the number that can be watched. */
  readonly unwatched: number;
}

/** What the captures saw, in the order of arrival. */
interface Testimony extends Omit<Recording, 'connections' | 'states'> {
  readonly asked: readonly Transition[];
  /** undefined if the kernel does not trace. */
  readonly traced: readonly Transition[] | undefined;
}

/** Segments and transitions are captured separately; this assigns both to connections. */
export function assembleRecording({ segments, asked, traced, ...rest }: Testimony): Recording {
  // Each host reports its own transitions.
  const transitions = (traced === undefined ? asked : mergeTrace(asked, traced)).toSorted(
    (one, other) => one.at - other.at,
  );
  const connections = connectionsOf(segments).map((connection) => ({
    ...connection,
    transitions: [] as SideTransition[],
  }));
  const incarnations = groupBy(connections, ({ client, server }) => keyOf(client, server));
  const bySocket = new Map<string, (typeof connections)[number]>();
  for (const transition of transitions) {
    const all = incarnations.get(keyOf(transition.local, transition.remote)) ?? [];
    // Before Linux 5.4 each of two hosts numbers its sockets separately.
    const socket = `${formatEndpoint(transition.local)} ${transition.socket}`;
    const connection = bySocket.get(socket) ?? incarnationAt(all, transition);
    if (connection === undefined) continue;
    if (transition.socket !== '') bySocket.set(socket, connection);
    const side = sameEndpoint(transition.local, connection.client) ? 'client' : 'server';
    const ofSide = { ...transition, side } as const;
    connection.transitions.push({ ...ofSide, segmentAt: cameWith(ofSide, connection.segments) });
  }
  return { connections, segments, states: traced === undefined ? 'asked' : 'traced', ...rest };
}

/** The segment that a side sends when its own call leads to a state; null if the call aborted the connection. */
const sentFlags = new Map<State | null, Flag>([
  ['SYN_SENT', 'SYN'],
  ['FIN_WAIT1', 'FIN'],
  ['LAST_ACK', 'FIN'],
  [null, 'RST'],
]);
/** Segments travel between hosts, and a socket is in SYN_SENT before its SYN arrives. */
const sentSegmentTravelsMs = 5;

type OfSide = Omit<SideTransition, 'segmentAt'>;

/**
 * When the segment arrived that caused a change. A segment that the side sent is better evidence of its own calls than one that was
 * processed then; a RST can only follow its end.
 */
function cameWith(transition: OfSide, segments: readonly ConnectionSegment[]): number | null {
  const [sent, processed] = [sentWith(transition, segments), processedWith(transition, segments)];
  return transition.to === null ? (processed ?? sent) : (sent ?? processed);
}

function sentWith(
  { side, to, notBefore, at }: OfSide,
  segments: readonly ConnectionSegment[],
): number | null {
  const flag = sentFlags.get(to);
  const sent = segments.find(
    (segment) =>
      segment.sender === side &&
      segment.source === 'kernel' &&
      segment.flags.some((one) => one === flag) &&
      segment.at >= (notBefore ?? Number.NEGATIVE_INFINITY) - clockErrorMs &&
      segment.at <= at + sentSegmentTravelsMs,
  );
  return sent?.at ?? null;
}

/** If several segments are equal, such as retransmissions, this is the one captured nearest to that time. */
function processedWith({ side, processed }: OfSide, segments: readonly ConnectionSegment[]): number | null {
  if (processed === null) return null;
  const distance = ({ at }: ConnectionSegment) => Math.abs(at - processed.at);
  const [nearest] = segments
    .filter(({ sender, header }) => sender !== side && header === processed.header)
    .sort((a, b) => distance(a) - distance(b));
  return nearest?.at ?? null;
}

/** The clocks of packets and of transitions agree to a few microseconds. */
const clockErrorMs = 0.1;

function incarnationAt<Item extends Connection>(
  incarnations: readonly Item[],
  { notBefore, at, to }: Transition,
): Item | undefined {
  const beganAt = ({ segments: [first] }: Item) => first?.at ?? Number.POSITIVE_INFINITY;
  const now = at + clockErrorMs;
  if (to === 'SYN_SENT') {
    // It begins with the SYN, which is captured at that time or a moment later.
    const since = (notBefore ?? Number.NEGATIVE_INFINITY) - clockErrorMs;
    const begun = incarnations.filter(
      (one) => beganAt(one) >= since && beganAt(one) <= at + sentSegmentTravelsMs,
    );
    const found = begun.findLast((one) => beganAt(one) <= now) ?? begun[0];
    if (found !== undefined) return found;
  }
  return incarnations.findLast((one) => beganAt(one) <= now);
}
