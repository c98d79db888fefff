import type { ChildProcess } from 'node:child_process';
import { asExit, type Exit } from './exit.ts';

const lastWordsMs = 1_000;

/** How the process ends. Its last output is read before that, unless another process holds its pipes. */
export async function exitOf(child: ChildProcess): Promise<Exit> {
  const exit = await new Promise<Exit>((resolve) => {
    child.once('error', () => resolve({ state: 'exited', status: 127 }));
    child.once('close', (status, signal) => resolve(asExit(status, signal)));
    child.once('exit', (status, signal) => {
      setTimeout(() => resolve(asExit(status, signal)), lastWordsMs).unref();
    });
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
  return exit;
}
