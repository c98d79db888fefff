import { TcpcloseError } from '../errors.ts';
import type { Outcome } from '../events.ts';
import { NoNamespace } from '../lab/hosts/namespace.ts';
import { NoAddress } from '../lab/hosts/run-host.ts';
import { NoRoom } from '../lab/no-room.ts';
import { formatSpan } from '../time.ts';
import type { Checks } from './checks.ts';
import type { RunOptions } from './run.ts';
import type { Ending } from './tasks.ts';

/** The machine does not allow what the scenario needs. */
export class Unmet extends Error {}

/** The outcome of a run: an interruption by the user counts most, then a contradiction. */
export function outcomeOf(ending: Ending, checks: Checks, { signal, timeoutMs = 0 }: RunOptions): Outcome {
  if (ending.state === 'aborted' && signal.aborted)
    return { state: 'interrupted', reason: asError(signal.reason).message };
  if (checks.contradicted) return { state: 'failed' };
  switch (ending.state) {
    case 'aborted':
      return errored('timeout', `not over after ${formatSpan(timeoutMs)}: try a longer --timeout`);
    case 'failed':
      return outcomeOfError(asError(ending.error));
    case 'completed':
      if (checks.count > 0) return { state: 'passed' };
      return errored(
        'no-check',
        'the scenario made no check, so there is no result: say what you expect with "await expect(...)"',
      );
  }
}

function outcomeOfError(error: Error): Outcome {
  const isSkipped = [Unmet, NoNamespace, NoAddress, NoRoom].some((kind) => error instanceof kind);
  return isSkipped ? { state: 'skipped', reason: error.message } : { state: 'errored', error };
}

function errored(code: string, message: string): Outcome {
  return { state: 'errored', error: new TcpcloseError(code, message) };
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new TcpcloseError('unknown', String(error));
}
