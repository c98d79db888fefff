import { execa } from 'execa';
import { monotonicMs } from '../native/clock.ts';
import { Output } from './output.ts';
import type { Order, Report } from './protocol.ts';

/** A start of the command. */
export interface Run {
  readonly number: number;
  readonly pid: number;
  readonly output: Output;
  state: 'running' | 'ended';
}

/** Starts it; undefined, with a report of why, if that cannot be done. */
export function startRun(
  { run: number, command, folder, environment, ready }: Extract<Order, { order: 'start' }>,
  send: (report: Report) => void,
): Run | undefined {
  const [program = '', ...args] = command;
  const output = new Output(
    ready === null ? undefined : new RegExp(ready),
    () => send({ report: 'ready', run: number }),
    () => send({ report: 'given up', run: number }),
  );
  // In a session of its own, so that Ctrl-C reaches tcpclose alone; with an input that stays open and silent, since some
  // servers end when theirs does.
  const child = execa(program, args, {
    cwd: folder,
    env: environment,
    extendEnv: false,
    detached: true,
    cleanup: false,
    stdin: 'pipe',
    all: true,
    buffer: false,
    reject: false,
    encoding: 'utf8',
  });
  child.all.setEncoding('utf8').on('data', (text: string) => output.add(text));
  child.all.on('error', () => {});
  const { pid } = child;
  if (pid === undefined) {
    void child.then(({ code, originalMessage }) =>
      send({ report: 'not started', run: number, reason: whyNotStarted(program, code, originalMessage) }),
    );
    return undefined;
  }
  const run: Run = { number, pid, output, state: 'running' };
  send({ report: 'started', run: number, pid });
  // Not its promise: that waits until nobody can write any more, which a child of the command may do for long.
  child.once('exit', (status, signal) => {
    run.state = 'ended';
    send({ report: 'exited', run: number, status, signal, at: monotonicMs() });
  });
  return run;
}

function whyNotStarted(program: string, code: string | undefined, message: string | undefined): string {
  if (code === 'ENOENT' && /\s/.test(program))
    return `there is no "${program}": write the command without quotes around it: tcpclose restart -- ${program}`;
  if (code === 'ENOENT') return `there is no "${program}": is it installed, and in PATH?`;
  if (code === 'EACCES') return `"${program}" may not be executed: is it a program?`;
  return message ?? code ?? 'for a reason that is not known';
}
