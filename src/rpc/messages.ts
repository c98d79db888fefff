/**
 * The messages between tcpclose and its child processes, in the form of JSON-RPC, one per line. Requests go to the standard input
 * of a child; responses and notifications come from its standard output.
 */
import * as v from 'valibot';

/** JSON has no infinity, but 1e999 is parsed as one. */
export const number = v.pipe(v.number(), v.finite());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));

export const request = v.strictObject({ id: count, method: v.string(), params: v.unknown() });

/** Why a method failed: the system call, if one failed, and its errno. */
const failure = v.strictObject({
  call: v.nullable(v.string()),
  errno: v.nullable(v.string()),
  message: v.string(),
});
export type Failure = v.InferOutput<typeof failure>;

const messageOfChild = v.union([
  v.strictObject({ id: count, result: v.unknown() }),
  v.strictObject({ id: count, error: failure }),
  v.strictObject({ method: v.string(), params: v.unknown() }),
]);
export type MessageOfChild = v.InferOutput<typeof messageOfChild>;

/** The params of each notification that a child sends. */
export type Notifications = Readonly<Record<string, v.GenericSchema>>;

/** undefined for a line that is not a message but written by a launcher, such as the greeting of a login shell. */
export function readMessage(line: string, notifications: Notifications): MessageOfChild | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const message = v.parse(messageOfChild, JSON.parse(line));
    if (!('method' in message)) return message;
    const { method } = message;
    const schema = Object.hasOwn(notifications, method) ? notifications[method] : undefined;
    return schema && { method, params: v.parse(schema, message.params) };
  } catch {
    return undefined;
  }
}
