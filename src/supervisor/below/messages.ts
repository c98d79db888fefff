/**
 * The messages between tcpclose and the process below it that starts the command of `run`, one JSON object per line. They have their own
 * descriptors, because the standard ones belong to the command.
 */
import * as v from 'valibot';
import { count, number } from '../../rpc/messages.ts';
import { call, stranger } from '../calls/call.ts';

export const belowMark = 'below';

/** The descriptors of that process: it reads from the first, writes to the second, and passes the others on to the command. */
export const descriptors = { input: 3, output: 4, command: [5, 6, 7] } as const;

/** The first line, once it is ready; each later one is the name of a signal for the command. */
export const begin = v.object({
  command: v.array(v.string()),
  folder: v.string(),
  environment: v.record(v.string(), v.string()),
});

const witness = v.object({ pid: count, command: stranger, above: v.array(count) });

export const notification = v.variant('type', [
  /** The process reads, ends when tcpclose does, and waits for the first line. */
  v.object({ type: v.literal('ready') }),
  /** Why the calls are not watched; null if they are. Node programs may still report theirs. */
  v.object({ type: v.literal('watching'), whyNot: v.nullable(stranger), byNode: v.boolean() }),
  v.object({ type: v.literal('started'), pid: count }),
  /** The command could not be started. */
  v.object({ type: v.literal('not started'), code: v.string(), message: stranger }),
  v.object({ type: v.literal('witnesses'), number: count, witnesses: v.array(witness) }),
  /** A call as known now; it is sent again when its result is known. */
  v.object({ type: v.literal('call'), call }),
  /** A program runs without the privileges that it would otherwise have. */
  v.object({ type: v.literal('disturbed'), reason: stranger }),
  /** The command has ended, and the results of all calls so far are known. */
  v.object({
    type: v.literal('exited'),
    status: v.nullable(number),
    signal: v.nullable(v.string()),
    /** How many of the processes that it started continue; their calls are answered until they end. */
    left: count,
  }),
]);
export type Notice = v.InferInput<typeof notification>;
export type Notification = v.InferOutput<typeof notification>;
