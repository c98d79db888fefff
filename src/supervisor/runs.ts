import * as v from 'valibot';
import { monotonicMs } from '../native/clock.ts';
import { sendSignal } from '../native/signal.ts';
import { count } from '../rpc/messages.ts';
import { pattern, regexOf } from '../rpc/pattern.ts';
import { startProgram } from '../start-program.ts';
import { describeSystemError, whyNoProgram } from '../system-error.ts';
import { endContainers, untilContainersRun } from './containers.ts';
import { withKeptListener } from './kept-listener.ts';
import { notify } from './notify.ts';
import { Output } from './output.ts';
import { killAllBelow, untilNoneIsLeft } from './sweeping.ts';

/** What to start. */
export const command = v.object({
  run: count,
  command: v.array(v.string()),
  /** The folder to start it in; the supervisor's own is tcpclose's. */
  folder: v.string(),
  environment: v.record(v.string(), v.string()),
  /** The line of output that shows that it is ready; null if no line is awaited. */
  ready: v.nullable(pattern),
  /** Whether it gets the kept listener. */
  listener: v.optional(v.picklist(['passed', 'not passed']), 'not passed'),
});
export type Command = v.InferOutput<typeof command>;

/** What decides which program a command starts. */
export type Invocation = Pick<Command, 'command' | 'folder' | 'environment'>;

/** A start of the command. */
interface Run {
  readonly number: number;
  readonly pid: number;
  readonly output: Output;
  state: 'running' | 'ended';
}

export const runs = new Map<number, Run>();

/** Starts the command, and returns its pid. @throws Error that says why it cannot be started */
export async function startRun({
  run: number,
  folder,
  environment,
  ready,
  listener,
  ...start
}: Command): Promise<number> {
  const given = { command: start.command, environment, inherit: [] };
  const how = listener === 'passed' ? withKeptListener(start.command, environment) : given;
  const [program = '', ...args] = how.command;
  const output = new Output(
    ready === null ? undefined : regexOf(ready),
    () => notify('matched', { run: number }),
    () => notify('gaveUpMatching', { run: number }),
  );
  // The input stays open and silent, because some servers end when theirs does.
  const options = { cwd: folder, env: how.environment, stdin: 'pipe', inherit: how.inherit } as const;
  const { child, pid } = await startProgram([program, ...args], options).catch((error) => {
    throw new Error(whyNotStarted(program, error));
  });
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding('utf8').on('data', (text: string) => output.add(text));
  }
  const run: Run = { number, pid, output, state: 'running' };
  runs.set(number, run);
  // The child's promise would wait until its output is closed, which a child of the command may keep open for long.
  child.once('exit', (status, signal) => {
    run.state = 'ended';
    notify('exited', { run: number, status, signal, at: monotonicMs() });
  });
  return pid;
}

/** The end of its output. */
export function outputOf(run: number): string {
  return runs.get(run)?.output.end ?? '';
}

/** Ends everything that was started and still runs; before that, engines remove their containers. */
export async function sweepRuns(graceMs: number): Promise<void> {
  await untilContainersRun(process.pid);
  for (const { pid, state } of runs.values()) if (state === 'running') sendSignal(pid, 'SIGTERM');
  await untilNoneIsLeft(process.pid, graceMs, () => {});
  await endContainers(process.pid);
  await killAllBelow(process.pid);
}

function whyNotStarted(program: string, error: NodeJS.ErrnoException): string {
  return whyNoProgram(program, error.code, 'restart') ?? describeSystemError(error) ?? error.message;
}
