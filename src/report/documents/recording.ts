import * as v from 'valibot';
import type { ConnectionSegment } from '../../observe/packets/connections.ts';
import type { RecordedConnection, Recording, SideTransition } from '../../observe/packets/recording.ts';
import { flagNames } from '../../observe/packets/segment.ts';
import { states } from '../../state.ts';
import { atMs, type DocumentOf, endpoint, sinceStart } from './parts.ts';

const role = v.picklist(['client', 'server']);
const relative = v.pipe(v.number(), v.description('counted from the first sequence number of its side'));

const segment = v.object({
  atMs,
  from: role,
  flags: v.array(v.picklist(flagNames)),
  sequence: relative,
  acknowledgment: v.nullable(relative),
  rawSequence: v.number(),
  rawAcknowledgment: v.nullable(v.number()),
  window: v.pipe(v.number(), v.description('as in the header, not scaled')),
  length: v.pipe(v.number(), v.description('bytes of data')),
  timestamps: v.nullable(v.object({ value: v.number(), echo: v.number() })),
  source: v.pipe(
    v.picklist(['kernel', 'replay']),
    v.description('a replay was sent by tcpclose on behalf of the side that it comes from'),
  ),
  unheard: v.pipe(
    v.boolean(),
    v.description(
      'it arrived, and something dropped it before its socket had it, such as a filter; false if that is not known',
    ),
  ),
  bytes: v.pipe(v.string(), v.description('the first 160 bytes from the IP header on, in hexadecimal')),
});

const shownBytes = 160;

const state = v.nullable(v.picklist(states));

const transition = v.object({
  atMs,
  notBeforeMs: v.pipe(
    v.nullable(v.number()),
    v.description(
      'when the side was last seen as before; null if it never was, atMs if the kernel reported the time',
    ),
  ),
  segmentAtMs: v.pipe(
    v.nullable(v.number()),
    v.description(
      'when the segment arrived with which the change came: its own, or one that was processed; null if not known',
    ),
  ),
  side: role,
  from: v.pipe(state, v.description('null: no socket')),
  to: state,
});

/** The capture of a run. */
export const recording = v.object({
  states: v.pipe(v.picklist(['traced', 'asked']), v.description("by the kernel's tracepoints, or by asking")),
  held: v.pipe(
    v.boolean(),
    v.description(
      'whether segments waited until the states of both sides were known, which were asked for again behind them',
    ),
  ),
  whyNotHeld: v.pipe(
    v.nullable(v.string()),
    v.description('what the kernel said to that; null if they waited'),
  ),
  passed: v.pipe(v.number(), v.description('segments that did not wait, because too many did')),
  dropped: v.pipe(v.number(), v.description('packets that came too fast')),
  unwatched: v.pipe(v.number(), v.description('segments of connections whose states were not watched')),
  connections: v.array(
    v.object({
      client: endpoint,
      server: endpoint,
      segments: v.array(segment),
      transitions: v.array(transition),
    }),
  ),
});

export function recordingDocument(
  { connections, states, whyNotHeld, passed, dropped, unwatched }: Recording,
  startedAt: number,
): DocumentOf<typeof recording> {
  const atMs = (at: number) => sinceStart(at, startedAt);
  const ofSegment = (captured: ConnectionSegment): DocumentOf<typeof segment> => ({
    atMs: atMs(captured.at),
    from: captured.sender,
    flags: captured.flags,
    sequence: captured.relativeSequence,
    acknowledgment: captured.relativeAcknowledgment,
    rawSequence: captured.sequence,
    rawAcknowledgment: captured.acknowledgment,
    window: captured.window,
    length: captured.length,
    timestamps: captured.timestamps,
    source: captured.source,
    unheard: captured.unheard,
    bytes: captured.packet.toString('hex', 0, shownBytes),
  });
  const ofTransition = ({ at, notBefore, segmentAt, side, from, to }: SideTransition) => ({
    atMs: atMs(at),
    notBeforeMs: notBefore === null ? null : atMs(notBefore),
    segmentAtMs: segmentAt === null ? null : atMs(segmentAt),
    ...{ side, from, to },
  });
  const ofConnection = ({ client, server, segments, transitions }: RecordedConnection) => ({
    ...{ client, server },
    segments: segments.map(ofSegment),
    transitions: transitions.map(ofTransition),
  });
  return {
    ...{ states, held: whyNotHeld === null, whyNotHeld, passed, dropped, unwatched },
    connections: connections.map(ofConnection),
  };
}
