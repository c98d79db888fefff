import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs something beside that many processes that are always busy; they end by themselves if nobody ends them. */
export async function besideBusy<T>(processes: number, run: () => Promise<T>): Promise<T> {
  const loop = `for (const end = Date.now() + 60_000; Date.now() < end; );`;
  const busy: ChildProcess[] = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }),
  );
  try {
    return await run();
  } finally {
    for (const child of busy) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }
}
