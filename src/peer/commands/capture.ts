import * as v from 'valibot';
import { method } from '../../rpc/method.ts';
import { Capture } from '../capture/capture.ts';
import { count } from '../schemas.ts';

let current: Capture | undefined;

/** Records all packets that arrive in the network of the peer, and the states of their connections; they come as notifications. */
export const capture = method({
  params: v.object({
    states: v.picklist(['asked around', 'asked often', 'ignored']),
    data: v.picklist(['whole', 'headers', 'nothing']),
  }),
  run(options) {
    current ??= new Capture(options);
    // Why segments do not wait until the states of both sides are known; null where they do.
    return { whyNotHeld: current.whyNotHeld };
  },
});

/** Everything that has arrived since the last time has come when the result does. After the `last` flush nothing is recorded. */
export const flush = method({
  params: v.object({ last: v.boolean() }),
  run({ last }) {
    if (last) theCapture().end();
    return theCapture().flush();
  },
});

/** Lets go whatever waits: the kernel has processed it when the result comes, unless more came all the time. */
export const settle = method({
  /** `events`: how much there was; what was let go may wait elsewhere. */
  run: () => ({ events: theCapture().settle() }),
});

/** All of a packet, by its number in the order of arrival. */
export const packet = method({
  params: v.object({ number: count }),
  run: ({ number }) => ({ data: theCapture().packet(number).toString('base64') }),
});

function theCapture(): Capture {
  if (current === undefined) throw new Error('this peer captures nothing');
  return current;
}
