import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { harmless } from '../foreign.ts';
import { nativePart } from '../native/koffi.ts';

/** A scenario waits nearly all the time. Processor time of the main thread without a single turn of its event loop. */
const limitMs = 10_000;
const beatMs = 200;
const mostBytes = 4096;

let mode: 'end' | 'let' = 'let';
let shared: { readonly beats: Int32Array; readonly names: Uint8Array } | undefined;
const running = new Set<string>();

/**
 * From now on this process ends with status 2 if the user's own code loops without an `await`: neither a time limit nor Ctrl-C could end
 * it otherwise, since both need a turn of the event loop.
 */
export function endBusyLoops(): void {
  mode = 'end';
}

/** Before the user's own code is loaded. */
export function watchBusyLoops(): void {
  if (mode === 'let' || shared !== undefined) return;
  shared = {
    beats: new Int32Array(new SharedArrayBuffer(4)),
    names: new Uint8Array(new SharedArrayBuffer(mostBytes)),
  };
  const { beats } = shared;
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const worker = new Worker(program, {
    eval: true,
    workerData: {
      ...shared,
      limitMs,
      koffi: createRequire(import.meta.url).resolve(nativePart(process.arch)),
    },
    stdin: false,
    execArgv: [],
  });
  worker.once('error', () => {});
  worker.unref();
}

/** Runs the user's own code, which an endless loop is then known by. */
export async function named(name: string, run: () => Promise<void>): Promise<void> {
  running.add(name);
  note();
  try {
    await run();
  } finally {
    running.delete(name);
    note();
  }
}

function note(): void {
  if (shared === undefined) return;
  shared.names.fill(0);
  const names = [...running].join(', ');
  const text = running.size > 1 ? `one of ${names}` : names;
  new TextEncoder().encodeInto(harmless(text), shared.names);
}

/** The program of the thread. A text, because a bundler would give it things that are not there. */
const program = `
const fs = require('node:fs');
const { beats, names, limitMs, koffi } = require('node:worker_threads').workerData;
// utime and stime of proc_pid_stat(5), in hundredths of a second.
const cpuMs = () => {
  const stat = fs.readFileSync('/proc/self/task/' + process.pid + '/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
let seen = -1;
let since = 0;
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  const used = cpuMs();
  if (beat !== seen) [seen, since] = [beat, used];
  if (used - since < limitMs) return;
  const who = Buffer.from(names).toString().replaceAll('\\0', '') || 'a file of your own';
  const why = 'nothing else could run for ' + limitMs / 1000 + ' s';
  const remedy = 'look for a loop that does not end, or has no "await"';
  try {
    fs.writeSync(2, 'tcpclose: ' + who + ': ' + why + ': ' + remedy + '\\n');
  } finally {
    // process.exit() would end this thread alone.
    require(koffi).load(null).func('void _exit(int status)')(2);
  }
}, 500);
`;
