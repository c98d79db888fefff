import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { TcpcloseError } from '../errors.ts';
import type { Harmless } from '../foreign.ts';
import { programEnvironment } from '../lab/hosts/environment.ts';
import { lineSplitter } from '../lines.ts';
import { adoptOrphansForNow } from '../native/process.ts';
import { startTied } from '../native/tie.ts';
import { supervisorProgram } from '../package.ts';
import { belowMark, type Notification, notification } from '../supervisor/below/messages.ts';
import { killAllBelow, killTree } from '../supervisor/sweeping.ts';
import { whyNoProgram } from '../system-error.ts';
import { within } from '../time.ts';
import type { Children } from './children.ts';

/** How a command ended. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How many of the processes that it started continue. */
  readonly left: number;
}

/** The command could not be started: `ENOENT`, `EACCES` ... */
export class NotStarted extends TcpcloseError {
  readonly errno: string;

  constructor(errno: string, message: string) {
    super('no-command', message);
    this.errno = errno;
  }
}

const leavingMs = 2000;

/** The user's command, with this process's own standard descriptors, and the reports about it. */
export class CommandRun {
  readonly #below: ChildProcess;
  readonly #untie: () => void;
  readonly #words: readonly string[];
  /** Lines for the process below, until it is ready. */
  readonly #toSend: string[] = [];
  readonly #gone: Promise<unknown>;
  readonly #children: Children;
  readonly #release: () => void;
  #pid: number | undefined;
  #resolve: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });
  #end: CommandEnd | undefined;
  #failure: NotStarted | undefined;

  constructor(
    words: readonly string[],
    listener: (notification: Notification) => void,
    children: Children = 'only those of the command',
  ) {
    this.#words = words;
    this.#children = children;
    // If the process below is killed, the processes that it kept become ours, and are ended.
    this.#release = adoptOrphansForNow();
    const { child, untie } = startTied((inherit) =>
      spawn(process.execPath, [supervisorProgram, belowMark], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 0, 1, 2, ...inherit],
        env: programEnvironment(),
      }),
    );
    this.#below = child;
    this.#untie = untie;
    this.#gone = once(this.#below, 'exit').catch(() => {});
    this.#pipe(3).on('error', () => {});
    this.#toSend.push(JSON.stringify({ command: words, folder: process.cwd(), environment: process.env }));
    const split = lineSplitter((line) =>
      this.#onNotification(v.parse(notification, JSON.parse(line)), listener),
    );
    (this.#below.stdio[4] as Readable).setEncoding('utf8').on('data', split);
  }

  /** Passes a signal on to the command only. */
  signal(signal: NodeJS.Signals): void {
    this.#send(signal);
  }

  /** @throws NotStarted; TcpcloseError `supervisor-lost`, once nothing of the command is left */
  async end(): Promise<CommandEnd> {
    const closed = once(this.#below.stdio[4] as Readable, 'close').catch(() => {});
    await Promise.race([closed, this.#ended]);
    if (this.#end === undefined && this.#failure === undefined) {
      await Promise.all([this.#gone, closed]);
      if (this.#children === 'only those of the command') await killAllBelow(process.pid);
      else if (this.#pid !== undefined) await killTree(this.#pid);
    }
    this.#leave();
    // A program that continues must not find it among its children, and a program that ends would wait for nothing.
    if (this.#children === 'others, too' && this.#end?.left === 0)
      await within(leavingMs, this.#gone, () => new Error('still leaving')).catch(() => {});
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#end === undefined)
      throw new TcpcloseError(
        'supervisor-lost',
        'the process that answers the watched calls has ended, and the command with it: run it again',
      );
    return this.#end;
  }

  // It may continue for the processes that the command left.
  #leave(): void {
    this.#pipe(3).destroy();
    (this.#below.stdio[4] as Readable).destroy();
    this.#below.unref();
    this.#release();
  }

  #pipe(fd: number): Writable {
    return this.#below.stdio[fd] as Writable;
  }

  #send(line: string): void {
    if (this.#toSend.length > 0) this.#toSend.push(line);
    else this.#pipe(3).write(`${line}\n`);
  }

  // The command may outlive tcpclose only if the process above it decides so, and is not started before that.
  #begin(): void {
    this.#untie();
    this.#pipe(3).write(this.#toSend.map((line) => `${line}\n`).join(''));
    this.#toSend.length = 0;
  }

  #onNotification(notification: Notification, listener: (notification: Notification) => void): void {
    if (notification.type === 'ready') this.#begin();
    else listener(notification);
    if (notification.type === 'started') this.#pid = notification.pid;
    if (notification.type === 'not started')
      this.#failure = new NotStarted(
        notification.code,
        whyNotStarted(this.#words, notification.code, notification.message),
      );
    else if (notification.type === 'exited')
      this.#end = {
        status: notification.status,
        signal: notification.signal as NodeJS.Signals | null,
        left: notification.left,
      };
    else return;
    this.#resolve();
  }
}

function whyNotStarted([program = '']: readonly string[], code: string, message: Harmless): string {
  return whyNoProgram(program, code, 'run') ?? `the command cannot be started: ${message}`;
}
