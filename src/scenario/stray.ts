import { AsyncLocalStorage } from 'node:async_hooks';

type Fail = (error: unknown) => void;

const running = new AsyncLocalStorage<Fail>();

/** Runs the user's own code. Whatever it throws meanwhile where nothing waits for it, such as in a timer, rejects the run as well. */
export async function withStrayErrors(run: () => Promise<void>): Promise<void> {
  let state: 'running' | 'over' = 'running';
  let fail: Fail = () => {};
  const stray = new Promise<never>((_, reject) => {
    fail = reject;
  });
  try {
    const mine: Fail = (error) => {
      if (state === 'over') throw error;
      fail(error);
    };
    await Promise.race([running.run(mine, run), stray]);
  } finally {
    state = 'over';
  }
}

/** Passes an uncaught error to the run whose code threw it; false if no run did that, or if it is over. */
export function takeStray(error: unknown): boolean {
  const fail = running.getStore();
  if (fail === undefined) return false;
  try {
    fail(error);
    return true;
  } catch {
    return false;
  }
}
