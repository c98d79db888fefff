import { ChildProcess, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import * as v from 'valibot';
import { lineSplitter } from '../../lines.ts';
import { adoptOrphans, reapChild } from '../../native/process.ts';
import { signalChild } from '../../native/signal.ts';
import { closeDescriptor } from '../../native/socket.ts';
import { childrenOf, descendantsOf } from '../../observe/processes.ts';
import { describeSystemError } from '../../system-error.ts';
import { within } from '../../time.ts';
import { writeWhole } from '../../write-whole.ts';
import type { Call } from '../calls/call.ts';
import { CallWatch } from '../calls/call-watch.ts';
import type { Witness } from '../calls/witnesses.ts';
import { killAllBelow } from '../sweeping.ts';
import { begin, descriptors, type Notice } from './messages.ts';
import { NodeReports } from './node-reports.ts';

const leftLookMs = 500;
const settleMs = 3000;

/** Signals from the terminal reach the whole group: the command decides what to do. */
const ofTerminal = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;

let watch: CallWatch | undefined;
let state: 'starting' | 'running' | 'ended' = 'starting';

/**
 * Starts the user's command of `run` with tcpclose's own standard descriptors, in its process group and session, and answers its watched
 * calls. If tcpclose ends before the command, everything that was started is killed. If the command ends by itself, its remaining processes
 * continue, and so does this process, because no other process would answer their calls.
 */
export function runBelow(): void {
  for (const signal of ofTerminal) process.on(signal, () => {});
  process.on('uncaughtException', () => void endAll());
  adoptOrphans();
  let child: Promise<ChildProcess | undefined> | undefined;
  const onLine = lineSplitter((line) => {
    if (child === undefined) child = start(v.parse(begin, JSON.parse(line)));
    else void child.then((started) => started && signalChild(started, line as NodeJS.Signals));
  });
  createReadStream('', { fd: descriptors.input, encoding: 'utf8' })
    .on('data', (chunk) => onLine(String(chunk)))
    .on('error', () => {})
    .on('close', () => {
      if (state !== 'ended') void endAll();
    });
  notify({ type: 'ready' });
}

async function start(command: v.InferOutput<typeof begin>): Promise<ChildProcess | undefined> {
  const begun = await CallWatch.begin(
    command,
    {
      call: (call) => notify({ type: 'call', call }),
      witnesses: notifyWitnesses,
      disturbs: (reason) => notify({ type: 'disturbed', reason }),
      deprives: (program) => notify({ type: 'disturbed', reason: whyWithout(program) }),
    },
    'continues',
  );
  if (begun instanceof CallWatch) watch = begun;
  const reports = begun instanceof CallWatch ? undefined : NodeReports.begin(command, notifyReported);
  const whyNot = begun instanceof CallWatch ? null : begun.reason;
  notify({ type: 'watching', whyNot, byNode: reports !== undefined });
  const [program = '', ...args] = command.command;
  const child = spawned(program, args, {
    env: reports?.environment(command.environment) ?? command.environment,
    stdio: [...descriptors.command],
  });
  // Only the command keeps them, so a reader of its output sees the end of it.
  for (const fd of descriptors.command) closeDescriptor(fd);
  if (!(child instanceof ChildProcess)) return notStarted(child);
  child.once('error', notStarted);
  if (child.pid === undefined) return undefined;
  state = 'running';
  notify({ type: 'started', pid: child.pid });
  process.on('SIGCHLD', () => reapOthers(child));
  child.once('exit', (status, signal) => void afterwards(status, signal));
  return child;
}

/** The error if Node refuses to try, as for a word with a NUL. */
function spawned(...call: Parameters<typeof spawn>): ChildProcess | NodeJS.ErrnoException {
  try {
    return spawn(...call);
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function notStarted(error: NodeJS.ErrnoException): never {
  const message = describeSystemError(error) ?? error.message;
  notify({ type: 'not started', code: error.code ?? '', message });
  end();
}

// Orphans become children of this process, without Node's knowledge. If they were not reaped, a program would wait for the end of its
// daemon forever.
function reapOthers({ pid }: ChildProcess): void {
  for (const child of childrenOf(process.pid))
    if (child.state === 'zombie' && child.pid !== pid) reapChild(child.pid);
}

async function afterwards(status: number | null, signal: string | null): Promise<void> {
  state = 'ended';
  if (watch !== undefined) await within(settleMs, watch.settled(), () => new Error()).catch(() => {});
  const left = descendantsOf(process.pid).length;
  notify({ type: 'exited', status, signal, left });
  if (left === 0 || watch === undefined) end();
  // Without a filter, no call needs an answer.
  const looking = setInterval(() => {
    for (const { pid, state } of childrenOf(process.pid)) if (state === 'zombie') reapChild(pid);
    if (descendantsOf(process.pid).length > 0) return;
    clearInterval(looking);
    end();
  }, leftLookMs);
}

async function endAll(): Promise<void> {
  // tcpclose waits for the end of this process, even if one of those below cannot be killed.
  await killAllBelow(process.pid).catch(() => {});
  end();
}

function end(): never {
  watch?.release();
  process.exit();
}

function whyWithout(program: string): string {
  return `${program} runs without the privileges that it would gain, like every program whose binds an ordinary user watches: run tcpclose as root, or start it without tcpclose`;
}

function notifyReported(call: Call, witnesses: readonly Witness[]): void {
  notifyWitnesses(call.number, witnesses);
  notify({ type: 'call', call });
}

function notifyWitnesses(number: number, witnesses: readonly Witness[]): void {
  const copies = witnesses.map((one) => ({ ...one, above: [...one.above] }));
  notify({ type: 'witnesses', number, witnesses: copies });
}

function notify(notice: Notice): void {
  try {
    writeWhole(descriptors.output, `${JSON.stringify(notice)}\n`);
  } catch {
    // tcpclose has ended; this process continues only for the remaining processes.
  }
}
