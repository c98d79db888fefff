/**
 * The program of a keeper: it starts the user's command, keeps the end of what it prints, tells how it ended, and takes down
 * all that is left of it when told, or when its standard input ends, which happens however tcpclose ends. Processes whose
 * parents have ended become its children, so that whatever the command started is found below it.
 */
import { execa } from 'execa';
import * as v from 'valibot';
import { lineSplitter } from '../lines.ts';
import { adoptOrphans } from '../native/process.ts';
import { sendSignal } from '../native/signal.ts';
import { descendantsOf } from '../observe/processes.ts';
import { Output } from './output.ts';
import { monotonicMs, type Order, order, type Report } from './protocol.ts';

interface Run {
  readonly pid: number;
  readonly output: Output;
  state: 'running' | 'ended';
}

const runs = new Map<number, Run>();
/** After the end of tcpclose nobody waits for a server that takes its time. */
const graceWhenAloneMs = 500;
const patienceMs = 5000;

function obey(line: string): void {
  const message = v.parse(order, JSON.parse(line));
  switch (message.order) {
    case 'start':
      start(message);
      break;
    case 'tell': {
      const output = runs.get(message.run)?.output;
      send({ report: 'output', run: message.run, text: output?.end ?? '', bytes: output?.bytes ?? 0 });
      break;
    }
    case 'sweep':
      void sweep(message.graceMs).then(() => send({ report: 'swept' }));
      break;
  }
}

function start({ run, command, folder, environment, ready }: Extract<Order, { order: 'start' }>): void {
  const [program = '', ...args] = command;
  const output = new Output(ready === null ? undefined : new RegExp(ready), () =>
    send({ report: 'ready', run }),
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
      send({ report: 'not started', run, reason: whyNotStarted(program, code, originalMessage) }),
    );
    return;
  }
  const entry: Run = { pid, output, state: 'running' };
  runs.set(run, entry);
  send({ report: 'started', run, pid });
  // Not its promise: that waits until nobody can write any more, which a child of the command may do for long.
  child.once('exit', (status, signal) => {
    entry.state = 'ended';
    send({ report: 'exited', run, status, signal, at: monotonicMs() });
  });
}

function whyNotStarted(program: string, code: string | undefined, message: string | undefined): string {
  if (code === 'ENOENT') return `there is no "${program}": is it installed, and in PATH?`;
  if (code === 'EACCES') return `"${program}" may not be executed: is it a program?`;
  return message ?? code ?? 'for a reason that is not known';
}

async function sweep(graceMs: number): Promise<void> {
  for (const { pid, state } of runs.values()) if (state === 'running') sendSignal(pid, 'SIGTERM');
  await untilNoneIsLeft(graceMs, () => {});
  // Again and again: what is killed may just have started another. What runs as another user, by sudo, stays.
  await untilNoneIsLeft(patienceMs, (pid) => sendSignal(pid, 'SIGKILL'));
}

async function untilNoneIsLeft(ms: number, treat: (pid: number) => unknown): Promise<void> {
  for (const until = monotonicMs() + ms; monotonicMs() < until; ) {
    const left = descendantsOf(process.pid);
    if (left.length === 0) return;
    for (const { pid } of left) treat(pid);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function send(message: Report): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function endAlone(): void {
  process.stdin.removeAllListeners('end');
  void sweep(graceWhenAloneMs).then(() => process.exit());
}

adoptOrphans();
process.stdin.setEncoding('utf8').on('data', lineSplitter(obey));
process.stdin.on('end', endAlone);
process.stdin.on('error', endAlone);
process.stdout.on('error', endAlone);
send({ report: 'up', pid: process.pid });
