/** The notifications of a supervisor. Times are milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. */
import * as v from 'valibot';
import { count, number } from '../rpc/messages.ts';
import { call } from './calls/call.ts';

export const notifications = {
  /** Sent by the guard: from now on it watches over the supervisor. */
  guards: v.object({}),
  /** A line of output has matched. */
  matched: v.object({ run: count }),
  /** Matching a line of output took too long. */
  gaveUpMatching: v.object({ run: count }),
  exited: v.object({
    run: count,
    status: v.nullable(number),
    signal: v.nullable(v.string()),
    at: number,
  }),
  /** A call as known now. It is sent again when its result is known. */
  call: v.object({ run: count, call }),
  /** For the first start that requests the watch: why its calls are not watched; null if they are. */
  watching: v.object({ whyNot: v.nullable(v.string()) }),
  /** Watching would have changed the behaviour of the command: everything that was started has been killed. */
  disturbed: v.object({ reason: v.string() }),
};
export type Notifications = typeof notifications;
