import { messageOf, TcpcloseError } from '../errors.ts';
import { named } from './busy-loop.ts';
import { Contradicted } from './expect/report.ts';
import { nameOf, placeOf } from './location.ts';
import { WatchedCalls } from './missing-await.ts';
import type { Scenario } from './scenario.ts';
import { withStrayErrors } from './stray.ts';

/** The user's own scenario, watched: its errors name the line of the file, and so do calls that were not awaited. */
export function watched(scenario: Scenario, file: string): Scenario {
  return { ...scenario, run: (context) => runWatched(scenario, file, context) };
}

async function runWatched(
  { run }: Scenario,
  file: string,
  context: Parameters<Scenario['run']>[0],
): Promise<void> {
  const calls = new WatchedCalls();
  const { lab, expect, step } = context;
  const mute = () => calls.mute();
  lab.signal.addEventListener('abort', mute, { once: true });
  try {
    const own = {
      ...context,
      lab: calls.watch(lab, 'lab'),
      expect: calls.watchFunction(expect, 'expect'),
      step: calls.watchFunction(step, 'step'),
    };
    await named(nameOf(file), () => withStrayErrors(() => run(own)));
    const { open } = calls;
    if (open !== undefined) {
      const where = placeOf(open.from) ?? file;
      throw new TcpcloseError('not-awaited', `${where}: ${open.what} was not awaited: put "await" before it`);
    }
  } catch (error) {
    throw located(error, file);
  } finally {
    mute();
    lab.signal.removeEventListener('abort', mute);
  }
}

/** The error with its place in the file, if known. */
export function located(error: unknown, file: string): unknown {
  if (error instanceof Contradicted || !(error instanceof Error)) return error;
  const where = placeOf(error);
  if (!(error instanceof TcpcloseError)) {
    return new TcpcloseError('scenario-error', `${where ?? file}: ${messageOf(error)}`, error);
  }
  // It keeps its type: some errors are outcomes.
  if (where !== undefined && error.code !== 'not-awaited') error.message = `${where}: ${error.message}`;
  return error;
}
