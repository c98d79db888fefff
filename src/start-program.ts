import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { accessSync, constants } from 'node:fs';
import type { Options } from 'execa';
import { debugProgram } from './debug.ts';

/** Loading it takes a third of a start of Node: only code that starts a program loads it, once, and early if that costs no time. */
const loadExeca = () => import('execa');

/** In a separate session: Ctrl-C reaches only tcpclose. Its output is read as it comes, and its environment is exactly the given one. */
const always = {
  detached: true,
  cleanup: false,
  buffer: false,
  reject: false,
  extendEnv: false,
} as const satisfies Options;

type Start = Pick<Options, 'env' | 'cwd' | 'timeout' | 'cancelSignal'> & {
  readonly stdin: 'ignore' | 'pipe';
  /** Descriptors that the program gets, from its descriptor 3 on. */
  readonly inherit?: readonly number[];
};

/**
 * Starts a program that is not a peer: an observer, a launcher, the keeper of a namespace, the user's command. Returns the child as execa
 * does: also a promise, which resolves when the program has ended and its output is closed.
 * @throws the system's error if it cannot be started, and the reason of `cancelSignal` if that has aborted
 */
export async function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  { stdin, inherit = [], ...options }: Start,
) {
  // execa accepts numbers there too, though its types do not.
  const stdio = [stdin, 'pipe', 'pipe', ...(inherit as never[])] as const;
  const { execa } = await loadExeca();
  // execa would start it, and then kill it.
  options.cancelSignal?.throwIfAborted();
  const { child, error } = withFirstError(() =>
    execa(program, args, { ...options, ...always, stdio, cwd: options.cwd ?? ownFolder() }),
  );
  if (child?.pid !== undefined) return { child, pid: child.pid };
  throw await Promise.race([error, ...(child === undefined ? [] : [causeOf(child)])]);
}

/**
 * The result of `start`, and the error of its child process. At EMFILE that child has no streams: execa reads them, throws, and nothing
 * listens for the error on the next tick, which would end tcpclose. Only Node's diagnostics channel knows the child then.
 */
function withFirstError<Child>(start: () => Child): { child: Child | undefined; error: Promise<Error> } {
  let first: ChildProcess | undefined;
  let onError: (error: Error) => void;
  const error = new Promise<Error>((resolve) => {
    onError = resolve;
  });
  const listen = (message: unknown) => {
    first ??= (message as { process: ChildProcess }).process.once('error', onError);
  };
  subscribe('child_process', listen);
  try {
    return { child: start(), error };
  } catch (thrown) {
    if (first === undefined || first.pid !== undefined) throw thrown;
    return { child: undefined, error };
  } finally {
    unsubscribe('child_process', listen);
    if (first !== undefined) debugProgram(first);
  }
}

async function causeOf(child: PromiseLike<{ readonly cause?: unknown }>): Promise<unknown> {
  return (await child).cause;
}

/**
 * The name of the folder that every program inherits, since execa needs one. This name works even if a folder above it may not be entered,
 * or if it was deleted.
 */
export function ownFolder(): string {
  try {
    accessSync(inherited, constants.X_OK);
    return inherited;
  } catch {
    return '/';
  }
}

const inherited = '/proc/self/cwd';

/**
 * Shows a text in the user's pager, as git does: `$PAGER` in a shell, or less. The pager has the terminal until it ends. Resolves with
 * whether it could be started.
 */
export async function showInPager(text: string): Promise<boolean> {
  const { execa } = await loadExeca();
  const pager = process.env['PAGER'] ?? 'less';
  // F: ends at once if all fits; R: keeps colours; X: leaves the text on the screen.
  const env = { LESS: process.env['LESS'] ?? 'FRX' };
  const { exitCode } = await execa(pager, {
    shell: true,
    cwd: ownFolder(),
    env,
    input: text,
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    cleanup: false,
  });
  return exitCode !== 127 && exitCode !== 126;
}
