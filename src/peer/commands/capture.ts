import * as v from 'valibot';
import { method } from '../../rpc/method.ts';
import { Capture, captureOptions } from '../capture/capture.ts';
import { count } from '../schemas.ts';

let current: Capture | undefined;

/** Records all packets that arrive in the network of the peer, and the states of their connections, and reports them as notifications. */
export const capture = method({
  params: captureOptions,
  run(options) {
    current ??= new Capture(options);
    // Why segments do not wait until the states of both sides are known; null if they do.
    return { whyNotHeld: current.whyNotHeld };
  },
});

/** When the result arrives, everything captured before has arrived. After the `last` flush nothing is recorded. */
export const flush = method({
  params: v.object({ last: v.boolean() }),
  run({ last }) {
    if (last) theCapture().end();
    return theCapture().flush();
  },
});

/** Replies once every held segment is released and processed, unless more keep arriving. */
export const settle = method({
  /** `events`: how much there was; a released segment may make another one wait elsewhere. */
  run: () => ({ events: theCapture().settle() }),
});

/** A whole packet, by its number in the order of arrival. */
export const packet = method({
  params: v.object({ number: count }),
  run: ({ number }) => ({ data: theCapture().packet(number).toString('base64') }),
});

function theCapture(): Capture {
  if (current === undefined) throw new Error('this peer captures nothing');
  return current;
}
