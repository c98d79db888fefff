import * as v from 'valibot';
import { method } from '../../rpc/method.ts';
import { StateTrace } from '../capture/trace.ts';
import { port } from '../schemas.ts';

let current: StateTrace | undefined;

/**
 * Records the changes of state of connections with these ports at either end, from the kernel's tracepoints, and reports them as
 * notifications.
 */
export const trace = method({
  params: v.object({ ports: v.array(port) }),
  run({ ports }) {
    current ??= new StateTrace();
    current.follow(ports);
  },
});

/** When the result arrives, every change so far has arrived. After the `last` call nothing is recorded. */
export const traced = method({
  params: v.object({ last: v.boolean() }),
  run({ last }) {
    if (current === undefined) throw new Error('this peer traces nothing');
    if (last) current.end();
    else current.tell();
  },
});
