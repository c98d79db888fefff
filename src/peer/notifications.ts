/** What a peer says unasked. Times are milliseconds of CLOCK_MONOTONIC. */
import * as v from 'valibot';
import { number } from '../rpc/messages.ts';
import { states } from '../state.ts';
import { pair, socket } from './schemas.ts';

const state = v.nullable(v.picklist(states));

/**
 * No state stands for no socket. The change came after `notBefore`, where that is known, and at `at` at the latest; when the
 * kernel had processed the segment with that header, and that time of arrival, where that is known.
 */
const stateChange = v.object({
  notBefore: v.nullable(number),
  at: number,
  processed: v.nullable(v.object({ at: number, header: v.string() })),
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
};
export type Notifications = typeof notifications;
export type ConnectionEvent = v.InferOutput<Notifications['connection']>;
export type CapturedPacket = v.InferOutput<typeof packet>;
