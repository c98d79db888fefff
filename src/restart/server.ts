import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { TcpcloseError } from '../errors.ts';
import type { HarmlessLines } from '../foreign.ts';
import { type ListenerOptions, listenerOptions } from '../native/borrow.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { descendantsOf, readProcess } from '../observe/processes.ts';
import { formatSpan, sleep, unlessAborted, within } from '../time.ts';
import { describeEnding } from './cause.ts';
import type { Command, Keeper, Run } from './keeper.ts';
import { type Before, newListeners, onePort, reachable, type Target, unixListeners } from './target.ts';

/** What the user says of the server. */
export interface ServerOptions {
  readonly command: Command;
  /** Where it listens; found out if undefined. */
  readonly port: number | undefined;
  /** Of a server that goes into the background: where it writes its pid. */
  readonly pidFile: string | undefined;
  /** The path that answers an HTTP request when the server is ready; undefined if that is not awaited. */
  readonly readyPath: string | undefined;
  /** How long it may take to listen. */
  readonly timeoutMs: number;
}

/** A server may open its ports one after the other: they are all there when none has come for so long. */
const quietMs = 250;
const pollMs = 4;

/** The user's server, once started. */
export class UserServer {
  readonly run: Run;
  readonly target: Target;
  readonly #pidFile: string | undefined;

  constructor(run: Run, target: Target, pidFile: string | undefined) {
    this.run = run;
    this.target = target;
    this.#pidFile = pidFile;
  }

  /** SO_REUSEADDR and SO_REUSEPORT as they are set on the listener. */
  get listenerOptions(): ListenerOptions {
    if (this.target.kind === 'unix') return { state: 'unreadable', reason: 'a Unix socket has none' };
    for (const { inode, processes } of this.target.listeners) {
      const [holder] = processes;
      if (holder !== undefined && inode !== null) return listenerOptions({ pid: holder.pid, inode });
    }
    return { state: 'unreadable', reason: 'the process that listens cannot be seen' };
  }

  /** @throws TcpcloseError `went-away` if what was started has ended and left a server in the background */
  refuseBackground(): void {
    if (this.#pidFile !== undefined || this.run.ending() === undefined) return;
    throw wentAway(this.target.kind === 'tcp' ? this.target.port : undefined);
  }

  /** The process that is told to stop. @throws TcpcloseError `bad-pid-file` */
  mainPid(keeperPid: number): number {
    if (this.#pidFile === undefined) return this.run.pid;
    const pid = readPid(this.#pidFile);
    if (descendantsOf(keeperPid).some((process) => process.pid === pid)) return pid;
    throw new TcpcloseError(
      'bad-pid-file',
      `"${this.#pidFile}" names process ${pid}, which the command did not start: tcpclose stops only what it started`,
    );
  }
}

/**
 * Starts the command and waits until it listens, and is ready.
 * @throws TcpcloseError with what it printed, when it does not
 */
export async function startServer(
  keeper: Keeper,
  diag: SockDiag,
  before: Before,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<UserServer> {
  const run = await unlessAborted(signal, keeper.start(options.command));
  const { timeoutMs, pidFile } = options;
  const target = await untilListening(run, await keeper.pid, diag, before, options, signal);
  if (!(await becomesReady(run, target, options, signal))) {
    throw new TcpcloseError(
      'not-ready',
      `the command listens, and was not ready after ${formatSpan(timeoutMs)}: look at --ready (what it prints may be kept in a buffer: PYTHONUNBUFFERED=1)`,
    );
  }
  return new UserServer(run, target, pidFile);
}

async function untilListening(
  run: Run,
  keeperPid: number,
  diag: SockDiag,
  before: Before,
  { port, pidFile, timeoutMs }: ServerOptions,
  signal: AbortSignal,
): Promise<Target> {
  let known = '';
  let since = performance.now();
  for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
    const processes = descendantsOf(keeperPid);
    const holders = socketsOf(processes);
    const found = newListeners(diag, holders, before, port);
    const paths = port === undefined ? unixListeners(holders) : [];
    const now = [...found.map(({ inode }) => inode), ...paths].join();
    if (now !== known) {
      known = now;
      since = performance.now();
    }
    // A server whose parent is about to leave it alone is told by that only.
    const isOwn = found.some(({ processes }) => processes.some(({ pid }) => pid === run.pid));
    if (port !== undefined && isOwn) return { kind: 'tcp', port, listeners: found };
    const ending = run.ending();
    if (ending !== undefined && pidFile === undefined) {
      if (processes.length > 0) throw wentAway(found.length > 0 ? onePort(found) : undefined);
      throw await endedEarly(run, `ended with ${describeEnding(ending)} before it listened`);
    }
    if (ending !== undefined && ending.status !== 0) {
      throw await endedEarly(run, `ended with ${describeEnding(ending)}`);
    }
    if (performance.now() - since >= quietMs) {
      if (found.length > 0) return { kind: 'tcp', port: onePort(found), listeners: found };
      const [path] = paths;
      if (path !== undefined) return { kind: 'unix', path };
    }
    await sleep(pollMs, signal);
  }
  const where = port === undefined ? '' : ` on port ${port}`;
  throw await endedEarly(
    run,
    `did not listen${where} within ${formatSpan(timeoutMs)} (--timeout allows more)`,
  );
}

function wentAway(port: number | undefined): TcpcloseError {
  const where = port === undefined ? '' : ` and listens on ${port}`;
  return new TcpcloseError(
    'went-away',
    `the command went into the background${where}, where it cannot be followed: keep it in the foreground, or name --port and --pid-file`,
  );
}

/** An error that carries the last words of the command. */
export class CommandFailed extends TcpcloseError {
  override readonly name = 'CommandFailed';
  readonly output: HarmlessLines;

  constructor(message: string, output: HarmlessLines) {
    super('command-failed', message);
    this.output = output;
  }
}

async function endedEarly(run: Run, what: string): Promise<CommandFailed> {
  const output = await run.output();
  const words = output.trim() === '' ? 'it printed nothing' : 'its last output is above';
  return new CommandFailed(`the command ${what}: ${words}`, output);
}

/** Whether it is ready in time, by what the user says of that. */
export async function becomesReady(
  run: Run,
  target: Target,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const late = new Error();
  try {
    await within(options.timeoutMs, unlessAborted(signal, untilReady(run, target, options)), () => late);
    return true;
  } catch (error) {
    if (error !== late) throw error;
    return false;
  }
}

async function untilReady(run: Run, target: Target, { command, readyPath }: ServerOptions): Promise<void> {
  if (command.ready !== undefined) await run.ready;
  if (readyPath === undefined || target.kind === 'unix') return;
  const [listener] = target.listeners;
  const host = listener === undefined ? '127.0.0.1' : reachable(listener.local);
  while (run.ending() === undefined && !(await answers(host, target.port, readyPath))) await sleep(20);
}

function answers(host: string, port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    request.once('error', () => resolve(false));
    request.once('timeout', () => request.destroy());
  });
}

function readPid(file: string): number {
  let text = '';
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {}
  const pid = Number(/^\d+/.exec(text)?.[0]);
  if (pid > 0 && readProcess(pid) !== undefined) return pid;
  throw new TcpcloseError('bad-pid-file', `"${file}" holds no pid of a running process: look at --pid-file`);
}
