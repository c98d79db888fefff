import { sameEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import { type Connection, connectionsOf, keyOf, type Role } from './connections.ts';
import { exactTimes } from './exact-times.ts';
import type { Segment } from './segment.ts';
import type { Transition } from './transitions.ts';

export interface SideTransition extends Transition {
  readonly side: Role;
}

/** A connection with all that was seen of it: what passed between its sides, and what states these passed through. */
export interface RecordedConnection extends Connection {
  readonly transitions: readonly SideTransition[];
}

export interface Recording {
  readonly connections: readonly RecordedConnection[];
  /** All of them, in the order of their arrival. */
  readonly segments: readonly Segment[];
  /** `traced`: the kernel told the times of transitions; `asked`: they were seen by asking, again and again. */
  readonly states: 'traced' | 'asked';
  /** Packets that the kernel had no room for. */
  readonly dropped: number;
  /** Segments of connections that were too many for their states to be watched. */
  readonly unwatched: number;
}

/** What the witnesses saw, as it came. */
export interface Testimony {
  readonly segments: readonly Segment[];
  readonly asked: readonly Transition[];
  /** undefined where the kernel does not trace. */
  readonly traced: readonly Transition[] | undefined;
  readonly dropped: number;
  readonly unwatched: number;
}

/** Segments and transitions are witnessed apart: here they are put together to connections. */
export function assembleRecording({ segments, asked, traced, ...rest }: Testimony): Recording {
  const transitions = traced === undefined ? asked : exactTimes(asked, traced);
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
    const connection = bySocket.get(transition.socket) ?? incarnationAt(all, transition);
    if (connection === undefined) continue;
    if (transition.socket !== '') bySocket.set(transition.socket, connection);
    const side = sameEndpoint(transition.local, connection.client) ? 'client' : 'server';
    connection.transitions.push({ ...transition, side });
  }
  return { connections, segments, states: traced === undefined ? 'asked' : 'traced', ...rest };
}

/** The clocks of packets and of transitions agree to some microseconds. */
const clockErrorMs = 0.1;
/** A socket is in SYN_SENT before its SYN has arrived. */
const synTravelsMs = 5;

function incarnationAt<Item extends Connection>(
  incarnations: readonly Item[],
  { at, to }: Transition,
): Item | undefined {
  const until = at + (to === 'SYN_SENT' ? synTravelsMs : clockErrorMs);
  return incarnations.findLast(({ segments: [first] }) => first !== undefined && first.at <= until);
}
