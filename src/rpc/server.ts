import * as v from 'valibot';
import { lineSplitter } from '../lines.ts';
import { SystemCallError } from '../native/errno.ts';
import { type Failure, type MessageOfChild, type Notifications, request } from './messages.ts';
import { type Methods, methodOf } from './method.ts';

/**
 * Runs the methods that are called on standard input. Calls `onEnd` when that ends, or when nothing reads standard output any more: then
 * tcpclose is gone.
 */
export function serve(methods: Methods, onEnd: () => void): void {
  const onLine = lineSplitter((line) => void respond(methods, line));
  process.stdin.setEncoding('utf8').on('data', onLine).on('end', onEnd).on('error', onEnd);
  process.stdout.on('error', onEnd);
  send({ method: 'ready', params: { pid: process.pid } });
}

export type Notify<Sent extends Notifications> = <Name extends keyof Sent & string>(
  method: Name,
  params: v.InferInput<Sent[Name]>,
) => void;

/** Sends a notification. */
export function notify(method: string, params: unknown): void {
  send({ method, params });
}

async function respond(methods: Methods, line: string): Promise<void> {
  const { id, method: name, params } = v.parse(request, JSON.parse(line));
  try {
    const method = methodOf(methods, name);
    const result = await method.run(v.parse(method.params, params));
    send({ id, result: result ?? null });
  } catch (error) {
    send({ id, error: describe(error) });
  }
}

function describe(error: unknown): Failure {
  if (error instanceof SystemCallError)
    return { call: error.call, errno: error.errno, message: error.message };
  if (!(error instanceof Error)) return { call: null, errno: null, message: String(error) };
  const { syscall = null, code = null } = error as NodeJS.ErrnoException;
  return { call: syscall, errno: code, message: error.message };
}

function send(message: MessageOfChild): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
