/**
 * What tcpclose and its child processes say to each other: the messages of JSON-RPC, one a line. Requests go to the standard input
 * of a child; responses and notifications come from its standard output.
 */
import * as v from 'valibot';

/** JSON has no infinity, and yet 1e999 is read as one. */
export const number = v.pipe(v.number(), v.finite());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const request = v.strictObject({ id: count, method: v.string(), params: v.unknown() });

/** Why a method failed: the system call, where one failed, and its errno. */
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

/** undefined for a line that is no message: a launcher wrote it, such as the greeting of a login shell. */
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
