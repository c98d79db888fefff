import { debug } from '../debug.ts';
import { unlessAborted } from '../time.ts';

/** A part of a run. It tears down everything that it sets up, in reverse order of the parts. */
export interface Task {
  readonly title: string;
  setup(): Promise<void>;
  /** Also called if the setup failed, or was cut off. */
  teardown?(): Promise<void>;
}

/** How a list of tasks ended. */
export type Ending =
  | { readonly state: 'completed' }
  | { readonly state: 'aborted' }
  | { readonly state: 'failed'; readonly error: unknown };

/** Sets up one task after the other until one fails or the signal aborts, and tears down all that were begun. */
export async function runTasks(tasks: readonly Task[], signal: AbortSignal): Promise<Ending> {
  const begun: Task[] = [];
  const setUp = async () => {
    for (const task of tasks) {
      signal.throwIfAborted();
      // Registered before it is awaited: an abort in the middle leaves nothing behind.
      begun.unshift(task);
      debug(() => `sets up ${task.title}`);
      await task.setup();
    }
  };
  const ending = await endingOf(unlessAborted(signal, setUp()), signal);
  const teardowns: Ending[] = [];
  for (const task of begun) teardowns.push(await endingOf(tearDown(task), signal));
  return [ending, ...teardowns].find(({ state }) => state !== 'completed') ?? ending;
}

async function tearDown(task: Task): Promise<void> {
  debug(() => `tears down ${task.title}`);
  await task.teardown?.();
}

async function endingOf(done: Promise<void>, signal: AbortSignal): Promise<Ending> {
  try {
    await done;
    return { state: 'completed' };
  } catch (error) {
    return signal.aborted ? { state: 'aborted' } : { state: 'failed', error };
  }
}
