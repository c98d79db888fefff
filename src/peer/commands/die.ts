import * as v from 'valibot';
import { signalSelf } from '../../native/signal.ts';
import { method } from '../../rpc/method.ts';

/** Ends the process: `exit` or `exit 3`, `throw`, `abort`, or a signal's name. It is gone before it could answer. */
export const die = method({
  params: v.object({ by: v.string() }),
  run({ by }): Promise<never> {
    const [way, status = '0'] = by.split(' ');
    if (way === 'exit') process.exit(Number(status));
    if (way === 'abort') process.abort();
    // Throws outside of this call, where nothing catches it.
    const fail = () => {
      throw new Error('thrown on purpose, and never caught');
    };
    if (way === 'throw') setImmediate(fail);
    else signalSelf(by as NodeJS.Signals);
    return new Promise(() => {});
  },
});
