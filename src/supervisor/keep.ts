import * as v from 'valibot';
import { lineSplitter } from '../lines.ts';
import { adoptOrphans } from '../native/process.ts';
import { sendSignal } from '../native/signal.ts';
import { runOfCaller } from './calls/attribution.ts';
import { CallWatch, type Listener } from './calls/watching.ts';
import { type Order, order, type Report } from './protocol.ts';
import { type Run, startRun } from './runs.ts';
import { killAllBelow, untilNoneIsLeft } from './sweeping.ts';

/** After the end of tcpclose nobody waits for a server that takes its time. */
const graceWhenAloneMs = 500;

/**
 * Starts the user's command, keeps the end of what it prints, tells how it ended and which calls it made, and takes down all that
 * is left of it when told, or when standard input ends, which happens however tcpclose ends. Processes whose parents have ended
 * become children of this one, so that whatever the command started is found below it.
 */
export function keep(): void {
  const runs = new Map<number, Run>();
  let watch: CallWatch | undefined;
  let watching: Promise<void> | undefined;

  const listener: Listener = {
    call: (call, session) =>
      send({ report: 'call', run: runOfCaller(call.pid, session, [...runs.values()]), call }),
    disturbs: (reason) => {
      send({ report: 'disturbed', reason });
      void killAllBelow(process.pid);
    },
  };

  async function start(message: Extract<Order, { order: 'start' }>): Promise<void> {
    if (message.watch === 'calls') {
      watching ??= beginWatching(message);
      await watching;
    }
    const run = startRun(message, send);
    if (run !== undefined) runs.set(run.number, run);
  }

  async function beginWatching({
    command,
    folder,
    environment,
  }: Extract<Order, { order: 'start' }>): Promise<void> {
    const begun = await CallWatch.begin({ words: command, folder, path: environment['PATH'] }, listener);
    if (begun instanceof CallWatch) watch = begun;
    const reason = begun instanceof CallWatch ? null : begun.reason;
    send({ report: 'watching', state: reason === null ? 'on' : 'off', reason });
  }

  function obey(message: Order): void {
    switch (message.order) {
      case 'start':
        void start(message);
        break;
      case 'tell': {
        const output = runs.get(message.run)?.output;
        send({ report: 'output', run: message.run, text: output?.end ?? '', bytes: output?.bytes ?? 0 });
        break;
      }
      case 'settle':
        void Promise.resolve(watch?.settled()).then(() => send({ report: 'settled' }));
        break;
      case 'sweep':
        void sweep(message.graceMs).then(() => send({ report: 'swept' }));
        break;
    }
  }

  async function sweep(graceMs: number): Promise<void> {
    for (const { pid, state } of runs.values()) if (state === 'running') sendSignal(pid, 'SIGTERM');
    await untilNoneIsLeft(process.pid, graceMs, () => {});
    await killAllBelow(process.pid);
  }

  function endAlone(): void {
    process.stdin.removeAllListeners('end');
    void sweep(graceWhenAloneMs).then(() => {
      watch?.release();
      process.exit();
    });
  }

  adoptOrphans();
  const onLine = lineSplitter((line) => obey(v.parse(order, JSON.parse(line))));
  process.stdin.setEncoding('utf8').on('data', onLine);
  process.stdin.on('end', endAlone);
  process.stdin.on('error', endAlone);
  process.stdout.on('error', endAlone);
  send({ report: 'up', pid: process.pid });
}

function send(message: Report): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
