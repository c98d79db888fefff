import { spawnSync } from 'node:child_process';
import { unlessInterrupted } from '../build/command-line.ts';
import { quoteForShell } from '../src/lab/hosts/launcher.ts';

/** What commands print, one after the other, and the CPU time that they and all their descendants take, in milliseconds. */
export function runTimed(...commands: readonly (readonly string[])[]): {
  readonly stdout: string;
  readonly cpu: number;
} {
  const words = commands.map((command) => command.map(quoteForShell).join(' '));
  const { stdout, stderr } = run(['sh', '-c', `${words.join(' && ')}; status=$?; times >&2; exit $status`]);
  // The second line of `times`: user and system time of all children, as 0m1.23s, in steps of a hundredth of a second.
  const spent = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpu = spent.reduce(
    (total, [, minutes, seconds]) => total + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
  return { stdout, cpu };
}

/** The commands of the processes that tcpclose runs in: its own, and each that it starts, by its own trace. */
export function startedBy(command: readonly string[]): readonly (readonly string[])[] {
  const { stderr } = run(command, { ...process.env, NODE_DEBUG: 'tcpclose' });
  const started = [...stderr.matchAll(/^TCPCLOSE \d+: \S+ start (.+): pid \d+$/gm)];
  return [command, ...started.map(([, text = '']) => wordsOf(text))];
}

function wordsOf(command: string): string[] {
  return (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

function run(
  [program = '', ...args]: readonly string[],
  env = process.env,
): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = unlessInterrupted(
    spawnSync(program, args, { encoding: 'utf8', env, maxBuffer: 1 << 28 }),
  );
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed: ${stderr}`);
  return { stdout, stderr };
}
