import { get } from 'node:http';
import { monotonicMs } from '../native/clock.ts';
import { poll, sleep, unlessAborted, within } from '../time.ts';
import type { Run } from './run.ts';
import type { ServerOptions } from './server-options.ts';
import { reachable, type Target } from './target.ts';

const pollMs = 20;
/** How long the next line of output may take to come after a line that took too long to match. */
const nextLineMs = 3000;

/** Whether it is ready in time, by the user's criterion. */
export async function becomesReady(
  run: Run,
  target: Target,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const late = new Error();
  try {
    const ready = untilReady(run, target, options, signal);
    return await within(options.timeoutMs, unlessAborted(signal, ready), () => late);
  } catch (error) {
    if (error !== late) throw error;
    return false;
  }
}

async function untilReady(
  run: Run,
  target: Target,
  { command, readyPath, timeoutMs }: ServerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (command.ready !== undefined && !(await matchesOrEnds(run, timeoutMs, signal))) return false;
  if (readyPath === undefined || target.kind === 'unix') return true;
  const [listener] = target.listeners;
  const host = listener === undefined ? '127.0.0.1' : reachable(listener.local);
  while (run.ending() === undefined && !(await answers(host, target.port, readyPath))) await sleep(pollMs);
  return true;
}

async function matchesOrEnds(run: Run, withinMs: number, signal: AbortSignal): Promise<boolean> {
  let isOver = false;
  void Promise.race([run.ready, run.exited]).then(() => {
    isOver = true;
  });
  const patience = { withinMs, everyMs: pollMs, signal };
  await poll('a line of output that matches', () => isOver || isUnmatched(run), patience);
  return isOver;
}

/** Whether a line took too long to match, and no other line came soon afterwards. */
export function isUnmatched({ unmatchedAt }: Pick<Run, 'unmatchedAt'>): boolean {
  return unmatchedAt !== null && monotonicMs() - unmatchedAt > nextLineMs;
}

function answers(host: string, port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    request.once('error', () => resolve(false));
    request.once('timeout', () => request.destroy());
  });
}
