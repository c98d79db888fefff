import { AsyncLocalStorage } from 'node:async_hooks';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const programPath = fileURLToPath(new URL('../../dist/tcpclose.cjs', import.meta.url));

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** null where a signal ended it. */
  readonly status: number | null;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** Put before the command, such as setpriv. */
  readonly prefix?: readonly string[];
  /** Where it is started; here if not given. */
  readonly cwd?: string;
  /** Arguments of node itself. */
  readonly node?: readonly string[];
}

/** The built program in a process of its own, and all that it starts, which can be told by a mark in the environment. */
export class Program {
  /** Those of each test: the tests of a file may run at once. */
  static readonly #running = new AsyncLocalStorage<Set<Program>>();
  readonly child: ChildProcess;
  readonly #mark = `TCPCLOSE_TEST=${randomUUID()}`;
  readonly #finished: Promise<Finished>;
  #state: 'running' | 'ended' = 'running';
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { env = {}, prefix = [], node = [], cwd }: Options = {}) {
    const [program = '', ...rest] = [...prefix, process.execPath, ...node, programPath, ...args];
    const [name = '', value] = this.#mark.split('=');
    const environment = { ...process.env, CI: '', ...env, [name]: value };
    this.child = spawn(program, rest, { env: environment, ...(cwd === undefined ? {} : { cwd }) });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    const running = Program.#running.getStore();
    running?.add(this);
    const ended = () => {
      running?.delete(this);
      this.#state = 'ended';
    };
    this.child.once('close', ended).once('error', ended);
    this.#finished = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (status) => resolve({ stdout: this.stdout, stderr: this.stderr, status }));
    });
  }

  /** Runs a test, to which all programs belong that are started meanwhile. */
  static inTest<Result>(run: () => Result): Result {
    return Program.#running.run(new Set(), run);
  }

  /** Kills those of this test that have not ended, and gives their commands. */
  static async endAll(): Promise<string[]> {
    const running = [...(Program.#running.getStore() ?? [])];
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.allSettled(running.map((program) => program.finished()));
    return running.map(({ child }) => child.spawnargs.join(' '));
  }

  finished(): Promise<Finished> {
    return this.#finished;
  }

  /** Resolves when standard output has that text, from a position on. */
  async says(text: string, from = 0): Promise<void> {
    while (!this.stdout.includes(text, from)) {
      if (this.child.exitCode !== null)
        throw new Error(`ended without saying "${text}":\n${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The processes of this run that are there now, as pid and command line. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && readProc(`${entry}/environ`).split('\0').includes(this.#mark))
      .map((pid) => `${pid} ${readProc(`${pid}/cmdline`).replaceAll('\0', ' ')}`);
  }

  /** The processes that are still there after this many milliseconds; returns as soon as there are none, and this one knows its end. */
  async leftAfter(ms: number): Promise<string[]> {
    for (const until = performance.now() + ms; performance.now() < until; ) {
      if (this.#state === 'ended' && this.processes().length === 0) return [];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.processes();
  }
}

/** A file of /proc, empty where the process has gone. */
export function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}

/** Runs it to the end. */
export async function tcpclose(args: readonly string[], options?: Options): Promise<Finished> {
  const program = new Program(args, options);
  program.child.stdin?.end();
  return withoutSlowLaunch(await program.finished());
}

/** A busy machine takes more than the 2 s after which it is said that a launcher is waited for. */
export function withoutSlowLaunch({ stderr, ...rest }: Finished): Finished {
  return { ...rest, stderr: stderr.replace(slowLaunch, '') };
}

const slowLaunch = /^waiting for ".*" to start (?:a command|Node), at most .*\n/gm;
