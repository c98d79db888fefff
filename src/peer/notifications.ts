/** The notifications of a peer. Times are milliseconds of CLOCK_MONOTONIC. */
import * as v from 'valibot';
import { number } from '../rpc/messages.ts';
import { states } from '../state.ts';
import { pair, socket } from './schemas.ts';

const state = v.nullable(v.picklist(states));

/** The header and the time of arrival identify it. */
const segment = v.object({ at: number, header: v.string() });
/** A segment that arrived, and was dropped before its socket had it, for example by a filter. */
export type Unheard = v.InferOutput<typeof segment>;

/**
 * No state means no socket. The change happened after `notBefore`, if known, and no later than `at`; the segment with that header and time
 * of arrival caused it, if known.
 */
const stateChange = v.object({
  notBefore: v.nullable(number),
  at: number,
  processed: v.nullable(segment),
  ...pair,
  socket: v.string(),
  from: state,
  to: state,
});
export type StateChange = v.InferOutput<typeof stateChange>;

/** A packet begins with its IP header, in Base64. */
const packet = v.object({ at: number, data: v.string() });

export const notifications = {
  /** The server has accepted it. */
  connection: v.object({ socket, ...pair }),
  packets: v.array(packet),
  stateChanges: v.array(stateChange),
  unheard: v.array(segment),
  /** Lines of the kernel's tracepoint, word for word. */
  traceLines: v.array(v.string()),
};
export type Notifications = typeof notifications;
export type ConnectionEvent = v.InferOutput<Notifications['connection']>;
export type CapturedPacket = v.InferOutput<typeof packet>;
