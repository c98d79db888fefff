import { formatEndpoint, sameEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import type { State } from '../../state.ts';
import { type Connection, type ConnectionSegment, connectionsOf, keyOf, type Role } from './connections.ts';
import { mergeTrace } from './merge-trace.ts';
import type { Flag, Segment } from './segment.ts';
import type { Transition } from './transitions.ts';

export interface SideTransition extends Transition {
  readonly side: Role;
  /** The arrival of the segment with which the change came: one that the side has sent, or that was processed; null if it is not known. */
  readonly segmentAt: number | null;
}

/** A connection with all that was seen of it: what passed between its sides, and what states these passed through. */
export interface RecordedConnection extends Connection {
  readonly transitions: readonly SideTransition[];
}

export interface Recording {
  readonly connections: readonly RecordedConnection[];
  /** All of them, in the order of their arrival. */
  readonly segments: readonly Segment[];
  /** `traced`: the kernel told the times of transitions; `asked`: they were seen by asking. */
  readonly states: 'traced' | 'asked';
  /** Why segments did not wait until the states of both sides were known; null where they did. */
  readonly whyNotHeld: string | null;
  /** Segments that did not wait all the same, since too many did. */
  readonly passed: number;
  /** Packets that the kernel had no room for. */
  readonly dropped: number;
  /** Segments of connections that were too many for their states to be watched. */
  readonly unwatched: number;
}

/** What the captures saw, as it came. */
export interface Testimony {
  readonly segments: readonly Segment[];
  readonly asked: readonly Transition[];
  /** undefined where the kernel does not trace. */
  readonly traced: readonly Transition[] | undefined;
  readonly whyNotHeld: string | null;
  readonly passed: number;
  readonly dropped: number;
  readonly unwatched: number;
}

/** Segments and transitions are captured apart: here they are put together to connections. */
export function assembleRecording({ segments, asked, traced, ...rest }: Testimony): Recording {
  // Each host tells its own.
  const transitions = (traced === undefined ? asked : mergeTrace(asked, traced)).toSorted(
    (one, other) => one.at - other.at,
  );
  const connections = connectionsOf(segments).map((connection) => ({
    client: connection.client,
    server: connection.server,
    segments: connection.segments,
    transitions: [] as SideTransition[],
  }));
  const incarnations = groupBy(connections, ({ client, server }) => keyOf(client, server));
  const bySocket = new Map<string, (typeof connections)[number]>();
  for (const transition of transitions) {
    const all = incarnations.get(keyOf(transition.local, transition.remote)) ?? [];
    // Of two hosts, each may number its sockets on its own (before Linux 5.4).
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

/** What a side sends when it comes to a state by its own call; null for one that has aborted the connection. */
const sentFlags = new Map<State | null, Flag>([
  ['SYN_SENT', 'SYN'],
  ['FIN_WAIT1', 'FIN'],
  ['LAST_ACK', 'FIN'],
  [null, 'RST'],
]);
/** On its way from another host; and a socket is in SYN_SENT before its SYN has arrived. */
const sentSegmentTravelsMs = 5;

type OfSide = Omit<SideTransition, 'segmentAt'>;

/** What a side sends says more of its own calls than what was processed at that time; a RST may only follow its end. */
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

/** Of several that are alike, as those that are sent again, the one that was captured next to that time. */
function processedWith({ side, processed }: OfSide, segments: readonly ConnectionSegment[]): number | null {
  if (processed === null) return null;
  const distance = ({ at }: ConnectionSegment) => Math.abs(at - processed.at);
  const [nearest] = segments
    .filter(({ sender, header }) => sender !== side && header === processed.header)
    .sort((a, b) => distance(a) - distance(b));
  return nearest?.at ?? null;
}

/** The clocks of packets and of transitions agree to some microseconds. */
const clockErrorMs = 0.1;

function incarnationAt<Item extends Connection>(
  incarnations: readonly Item[],
  { notBefore, at, to }: Transition,
): Item | undefined {
  const beganAt = ({ segments: [first] }: Item) => first?.at ?? Number.POSITIVE_INFINITY;
  const now = at + clockErrorMs;
  if (to === 'SYN_SENT') {
    // It begins with the SYN, which is captured then or a moment later.
    const since = (notBefore ?? Number.NEGATIVE_INFINITY) - clockErrorMs;
    const begun = incarnations.filter(
      (one) => beganAt(one) >= since && beganAt(one) <= at + sentSegmentTravelsMs,
    );
    const found = begun.findLast((one) => beganAt(one) <= now) ?? begun[0];
    if (found !== undefined) return found;
  }
  return incarnations.findLast((one) => beganAt(one) <= now);
}
