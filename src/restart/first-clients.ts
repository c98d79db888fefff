import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../native/clock.ts';
import { sleep } from '../time.ts';
import { acceptanceOf } from './acceptance.ts';
import type { Client } from './client.ts';
import type { Greeting, Opened } from './clients.ts';
import type { RoundContext } from './context.ts';
import { holdMs } from './service.ts';
import type { Target } from './target.ts';

const patienceMs = 5000;
const pollMs = 1;

/** How the first start treats its clients: the second one is held against that. */
export interface Treatment {
  /** From the first look until all that are accepted were. */
  readonly acceptedAfterMs: number;
  /** What it did to them by itself; the worst, if it treats them differently. */
  readonly clientEnd: Client['state'];
  readonly greeting: Greeting;
}

/**
 * Waits until the server's program has accepted its clients, and sees whether it keeps them.
 * @throws TcpcloseError `not-accepted` if it accepts none of them
 */
export async function treatmentOf(
  context: RoundContext,
  target: Target,
  { clients, greeting }: Opened,
): Promise<Treatment> {
  const from = monotonicMs();
  // What the kernel defers (TCP_DEFER_ACCEPT) is left as it is: a line that is sent now would be a request that has begun.
  const isWaiting = (client: Client) => acceptanceOf(context, target, client).state === 'waiting';
  let waiting = clients.filter(isWaiting);
  while (waiting.length > 0 && monotonicMs() - from < patienceMs) {
    await sleep(pollMs, context.signal);
    waiting = waiting.filter(isWaiting);
  }
  if (clients.length > 0 && waiting.length === clients.length) {
    throw new TcpcloseError(
      'not-accepted',
      `the server listens, but accepted no client within ${patienceMs / 1000} s: if it waits for a request, give one with --request`,
    );
  }
  const acceptedAfterMs = monotonicMs() - from;
  if (clients.length > 0) await sleep(holdMs, context.signal);
  const ends = clients.map(({ state }) => state);
  const clientEnd = ends.includes('reset') ? 'reset' : ends.includes('ended') ? 'ended' : 'open';
  return { acceptedAfterMs, clientEnd, greeting };
}
