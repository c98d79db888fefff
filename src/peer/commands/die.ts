import { signalSelf } from '../../native/signal.ts';
import type { ParsedParams, Result } from '../protocol.ts';

/** `exit` or `exit 3`, `throw`, `abort`, or a signal's name. The process is gone before it could answer. */
export async function die({ by }: ParsedParams<'die'>): Promise<Result<'die'>> {
  const [way, status = '0'] = by.split(' ');
  if (way === 'exit') process.exit(Number(status));
  if (way === 'abort') process.abort();
  // Outside of this promise, where nothing catches it.
  if (way === 'throw') setImmediate(() => throwUncaught());
  else signalSelf(by as NodeJS.Signals);
  return new Promise(() => {});
}

function throwUncaught(): never {
  throw new Error('thrown on purpose, and caught by nobody');
}
