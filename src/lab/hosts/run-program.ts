import type { Readable } from 'node:stream';
import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { signalGroup, whenGroupIsKilled } from '../../native/signal.ts';
import type { Output } from '../../observe/place.ts';
import { startProgram } from '../../start-program.ts';
import { describeSystemError, isShortage, isSystemError } from '../../system-error.ts';
import { withSystemPaths } from './environment.ts';

/** A program that answers at all needs a fraction of this. */
const usualDeadlineMs = 30_000;
/** A table of a million sockets is larger than any seen so far; a string in Node is limited to 512 MiB. */
const longestOutput = 128 << 20;
/** A program may leave another one that holds its pipes. Its own output is in the pipes when it ends. */
const lastWordsMs = 1000;

/**
 * Runs a program to its end. It is ended, with everything that it started, when `signal` aborts, when its time is over, or when it prints
 * without end. That end is not awaited, because the program may run as another user or hang in the kernel.
 * @throws TcpcloseError `program-silent`, `program-endless`, `cannot-start`
 */
export async function runProgram(
  command: readonly [string, ...string[]],
  signal?: AbortSignal,
  deadlineMs = usualDeadlineMs,
): Promise<Output> {
  const started = await start(command, signal, deadlineMs);
  if (started === null) return { stdout: '', stderr: '', exitCode: -1 };
  const { child } = started;
  const text = { stdout: '', stderr: '' };
  const tooLong = gatherUntilTooLong(child, text).then(() => {
    signalGroup(child, 'SIGKILL');
    throw endless(command);
  });
  const killed = whenGroupIsKilled(child).then(() => {
    throw signal?.aborted ? signal.reason : silent(command, deadlineMs);
  });
  const letGo = () => {
    for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
  };
  child.once('exit', () => whenQuiet(child, letGo));
  try {
    const { exitCode = -1 } = await Promise.race([child, tooLong, killed]);
    return { ...text, exitCode };
  } finally {
    letGo();
  }
}

/** null if the program is missing. */
async function start(
  command: readonly [string, ...string[]],
  signal: AbortSignal | undefined,
  timeout: number,
) {
  const ends = signal === undefined ? { timeout } : { timeout, cancelSignal: signal };
  try {
    return await startProgram(command, { stdin: 'ignore', env: withSystemPaths(), ...ends });
  } catch (error) {
    if (isShortage(error)) throw cannotStart(command, error);
    if (isSystemError(error) && ['ENOENT', 'EACCES'].includes(error.code)) return null;
    throw error;
  }
}

type Pipes = Readonly<Record<'stdout' | 'stderr', Readable>>;

function gatherUntilTooLong(pipes: Pipes, text: Record<keyof Pipes, string>): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['stdout', 'stderr'] as const) {
      pipes[name].setEncoding('utf8').on('data', (more: string) => {
        text[name] += more;
        if (text[name].length > longestOutput) resolve();
      });
    }
  });
}

function whenQuiet({ stdout, stderr }: Pipes, act: () => void): void {
  const timer = setTimeout(() => setImmediate(act), lastWordsMs).unref();
  for (const pipe of [stdout, stderr]) pipe.on('data', () => timer.refresh());
}

function cannotStart(command: readonly string[], error: unknown): TcpcloseError {
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
