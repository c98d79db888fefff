/** What a supervisor says unasked. Times are milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. */
import * as v from 'valibot';
import { count, number } from '../rpc/messages.ts';
import { call } from './calls/call.ts';

export const notifications = {
  /** A line of its output has matched. */
  matched: v.object({ run: count }),
  /** Whether a line of its output matches took too long to find out. */
  gaveUpMatching: v.object({ run: count }),
  exited: v.object({
    run: count,
    status: v.nullable(number),
    signal: v.nullable(v.string()),
    at: number,
  }),
  /** A call as it is known now. It comes again when its result is. */
  call: v.object({ run: count, call }),
  /** Of the first start that asked for it: why its calls are not watched; null where they are. */
  watching: v.object({ whyNot: v.nullable(v.string()) }),
  /** Watching would have changed what the command does: all that was started has been killed. */
  disturbed: v.object({ reason: v.string() }),
};
export type Notifications = typeof notifications;
