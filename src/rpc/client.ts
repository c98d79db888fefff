import type { ChildProcess } from 'node:child_process';
import * as v from 'valibot';
import { debug, debugProgram } from '../debug.ts';
import { lineSplitter } from '../lines.ts';
import { describeSystemError } from '../system-error.ts';
import { within } from '../time.ts';
import { LastWords } from './last-words.ts';
import { count, type Failure, type MessageOfChild, type Notifications, readMessage } from './messages.ts';
import type { Methods, ParamsOf, ResultOf } from './method.ts';

/** The options of a child process. */
interface Child<Heard extends Notifications> {
  /** Its name in traces. */
  readonly name: string;
  readonly notifications: Heard;
  readonly on: { readonly [Name in keyof Heard]: (params: v.InferOutput<Heard[Name]>) => void };
  /** The time limit of a response. */
  readonly deadlineMs: number;
  /** Called if it did not respond in time: throws, or ends it. */
  late(method: string): Promise<void>;
  /** The error of calls that the child will never answer because it has ended. */
  gone(method: string): Error;
  failed(method: string, failure: Failure): Error;
  /** Called when it is ready, before anything is sent to it. */
  ready?(): void;
}

interface Pending {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const ready = v.object({ pid: count });
// Readiness of the child is pending under this number.
const readyId = 0;

/** Calls the methods of a child process, and receives its notifications. */
export class RpcClient<Called extends Methods, Heard extends Notifications> {
  /** What it wrote to standard error, or between messages. */
  readonly lastWords = new LastWords();
  readonly #process: ChildProcess;
  readonly #child: Child<Heard>;
  readonly #notifications: Notifications;
  readonly #pending = new Map<number, Pending>();
  readonly #ready: Promise<unknown>;
  #pid: number | undefined;
  #lastId = readyId;
  #state: 'open' | 'ended' = 'open';
  /** Calls that were made before it was ready. */
  #unsent = '';

  constructor(process: ChildProcess, child: Child<Heard>) {
    debugProgram(process);
    this.#process = process;
    this.#child = child;
    this.#notifications = { ...child.notifications, ready };
    this.#ready = this.#expect(readyId, 'start');
    const onLine = lineSplitter((line) => this.#read(line));
    process.stdout?.setEncoding('utf8').on('data', onLine);
    process.stderr?.setEncoding('utf8').on('data', (text: string) => this.lastWords.add(text));
    // A write to a process that has just died: its exit says more.
    process.stdin?.on('error', () => {});
    process.once('error', (error) => this.lastWords.add(describeSystemError(error) ?? error.message));
  }

  /** Its pid as it sees itself, once it is ready; behind a launcher, the process known here is the launcher. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Resolves with its pid once it is ready. Methods can be called before. */
  async ready(): Promise<number> {
    return (await this.#inTime(this.#ready, 'start', this.#child.deadlineMs)) as number;
  }

  /** The result is not validated: that program has the same release, because it was started, or sent, from here. */
  async call<Name extends keyof Called & string>(
    method: Name,
    params: ParamsOf<Called[Name]>,
    deadlineMs = this.#child.deadlineMs,
  ): Promise<ResultOf<Called[Name]>> {
    if (this.#state === 'ended') throw this.#child.gone(method);
    const id = ++this.#lastId;
    const result = this.#expect(id, method);
    const message = { id, method, params };
    this.#trace('<-', () => JSON.stringify(message, withoutSecrets));
    this.#unsent += `${JSON.stringify(message)}\n`;
    if (this.#pid !== undefined) this.#send();
    return (await this.#inTime(result, method, deadlineMs)) as ResultOf<Called[Name]>;
  }

  /** The process has ended: rejects everything that is pending. */
  end(): void {
    this.#state = 'ended';
    for (const { method, reject } of this.#pending.values()) reject(this.#child.gone(method));
    this.#pending.clear();
  }

  async #inTime(result: Promise<unknown>, method: string, deadlineMs: number): Promise<unknown> {
    const late = new Error();
    try {
      return await within(deadlineMs, result, () => late);
    } catch (error) {
      if (error !== late) throw error;
    }
    await this.#child.late(method);
    return result;
  }

  #expect(id: number, method: string): Promise<unknown> {
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { method, resolve, reject });
    });
    // The end of the process may reject it while nothing awaits it.
    result.catch(() => {});
    return result;
  }

  #read(line: string): void {
    this.#trace('->', () => line);
    const message = readMessage(line, this.#notifications);
    if (message === undefined) this.lastWords.add(`${line}\n`);
    else this.#hear(message);
  }

  #hear(message: MessageOfChild): void {
    if ('result' in message) this.#take(message.id)?.resolve(message.result);
    else if ('error' in message) this.#fail(message.id, message.error);
    else if (message.method === 'ready') this.#beReady(message.params as v.InferOutput<typeof ready>);
    else this.#child.on[message.method]?.(message.params as never);
  }

  #fail(id: number, failure: Failure): void {
    const pending = this.#take(id);
    pending?.reject(this.#child.failed(pending.method, failure));
  }

  #beReady({ pid }: v.InferOutput<typeof ready>): void {
    this.#pid = pid;
    this.#child.ready?.();
    this.#send();
    this.#take(readyId)?.resolve(pid);
  }

  #send(): void {
    if (this.#unsent !== '') this.#process.stdin?.write(this.#unsent);
    this.#unsent = '';
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #trace(direction: '<-' | '->', line: () => string): void {
    debug(() => `${this.#child.name}, pid ${this.#pid ?? this.#process.pid} ${direction} ${line()}`);
  }
}

// People share traces, and the environment of the user's command may contain secrets.
function withoutSecrets(key: string, value: unknown): unknown {
  return key === 'environment' ? '(not shown)' : value;
}
