import { type ChildProcess, spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import { debugProgram } from '../../debug.ts';
import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { signalGroup } from '../../native/signal.ts';
import type { Output } from '../../observe/place.ts';
import { describeSystemError, isShortage } from '../../system-error.ts';
import { withSystemPaths } from './environment.ts';

/** Whatever is asked answers within a fraction of that, or not at all. */
const usualDeadlineMs = 30_000;
/** A table of a million sockets is longer than any that was seen; a string of Node's ends at 512 MiB. */
const longestOutput = 128 << 20;
/** A program may leave another one that holds its pipes. What it wrote itself is in them when it ends. */
const lastWordsMs = 1000;

/**
 * Runs a program to its end, in a session of its own: Ctrl-C reaches tcpclose alone. It is ended with all that it started when
 * `signal` aborts, when it is not over in time, and when it prints without end (by hand, and not by execa: notes/starting-programs.md).
 * @throws TcpcloseError `program-silent`, `program-endless`, `cannot-start`
 */
export function runProgram(
  command: readonly [string, ...string[]],
  signal?: AbortSignal,
  deadlineMs = usualDeadlineMs,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const [program, ...args] = command;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withSystemPaths(),
      detached: true,
    });
    debugProgram(child);
    const settle = (act: () => void) => {
      clearTimeout(deadline);
      onAbort?.[Symbol.dispose]();
      child.stdout?.destroy();
      child.stderr?.destroy();
      act();
    };
    const give = (exitCode: number) => settle(() => resolve({ ...text, exitCode }));
    const refuse = (error: unknown) => {
      signalGroup(child, 'SIGKILL');
      settle(() => reject(error));
    };
    const deadline = setTimeout(() => refuse(silent(command, deadlineMs)), deadlineMs);
    const onAbort = signal && addAbortListener(signal, () => refuse(signal.reason));
    const text = gather(child, () => refuse(endless(command)));
    child.once('error', (error) => {
      if (isShortage(error)) refuse(cannotStart(command, error));
      else give(-1);
    });
    child.once('close', (status) => give(status ?? -1));
    child.once('exit', (status) => whenQuiet(child, () => give(status ?? -1)));
  });
}

function gather(child: ChildProcess, onTooLong: () => void): { stdout: string; stderr: string } {
  const text = { stdout: '', stderr: '' };
  // Without descriptors for them there are no pipes.
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (more: string) => {
      text[name] += more;
      if (text[name].length > longestOutput) onTooLong();
    });
  }
  return text;
}

function whenQuiet({ stdout, stderr }: ChildProcess, act: () => void): void {
  const timer = setTimeout(() => setImmediate(act), lastWordsMs).unref();
  for (const pipe of [stdout, stderr]) pipe?.on('data', () => timer.refresh());
}

function cannotStart(command: readonly string[], error: Error): TcpcloseError {
  return new TcpcloseError('cannot-start', `${nameOf(command)}: ${describeSystemError(error)}`, error);
}

function silent(command: readonly string[], deadlineMs: number): TcpcloseError {
  return new TcpcloseError(
    'program-silent',
    `${nameOf(command)} did not end within ${deadlineMs / 1000} s: try the command by itself`,
  );
}

function endless(command: readonly string[]): TcpcloseError {
  return new TcpcloseError(
    'program-endless',
    `${nameOf(command)} printed more than ${longestOutput >> 20} MiB: try the command by itself`,
  );
}

const longestName = 100;

function nameOf(command: readonly string[]): string {
  const words = harmless(command.join(' '));
  return `"${words.length > longestName ? `${words.slice(0, longestName)}...` : words}"`;
}
