import { get } from 'node:http';
import { sleep, unlessAborted, within } from '../time.ts';
import type { Run } from './run.ts';
import type { ServerOptions } from './server-options.ts';
import { reachable, type Target } from './target.ts';

/** Whether it is ready in time, by the user's criterion. */
export async function becomesReady(
  run: Run,
  target: Target,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const late = new Error();
  try {
    await within(options.timeoutMs, unlessAborted(signal, untilReady(run, target, options)), () => late);
    return true;
  } catch (error) {
    if (error !== late) throw error;
    return false;
  }
}

async function untilReady(run: Run, target: Target, { command, readyPath }: ServerOptions): Promise<void> {
  if (command.ready !== undefined) await Promise.race([run.ready, run.exited]);
  if (readyPath === undefined || target.kind === 'unix') return;
  const [listener] = target.listeners;
  const host = listener === undefined ? '127.0.0.1' : reachable(listener.local);
  while (run.ending() === undefined && !(await answers(host, target.port, readyPath))) await sleep(20);
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
