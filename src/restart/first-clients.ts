import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../native/clock.ts';
import { poll, sleep } from '../time.ts';
import { acceptanceOf } from './acceptance.ts';
import type { Client } from './client.ts';
import type { Greeting, Opened } from './clients.ts';
import type { RoundContext } from './context.ts';
import { holdMs } from './service.ts';
import type { Target } from './target.ts';

const patienceMs = 5000;
const pollMs = 1;

/** How the first start treats its clients: the standard for the second start. */
export interface Treatment {
  /** Milliseconds from the first look until all accepted clients were accepted. */
  readonly acceptedAfterMs: number;
  /** What it did to them without a request; the worst, if it treats them differently. */
  readonly clientEnd: Client['state'];
  readonly greeting: Greeting;
}

/**
 * Waits until the server's program has accepted its clients, and checks whether it keeps them.
 * @throws TcpcloseError `not-accepted` if it accepts none of them
 */
export async function treatmentOf(
  context: RoundContext,
  target: Target,
  { clients, greeting }: Opened,
): Promise<Treatment> {
  const from = monotonicMs();
  // Deferred clients (TCP_DEFER_ACCEPT) send nothing, because a line would begin a request.
  const isWaiting = (client: Client) => acceptanceOf(context, target, client).state === 'waiting';
  let waiting = clients;
  const isOver = () => {
    waiting = waiting.filter(isWaiting);
    return waiting.length === 0;
  };
  const patience = { withinMs: patienceMs, everyMs: pollMs, signal: context.signal };
  await poll('the clients to be accepted', isOver, patience);
  if (clients.length > 0 && waiting.length === clients.length) {
    throw new TcpcloseError(
      'not-accepted',
      `the server listens, but did not accept a client within ${patienceMs / 1000} s: if it waits for a request, give one with --request`,
    );
  }
  const acceptedAfterMs = monotonicMs() - from;
  if (clients.length > 0) await sleep(holdMs, context.signal);
  const ends = clients.map(({ state }) => state);
  const clientEnd = ends.includes('reset') ? 'reset' : ends.includes('ended') ? 'ended' : 'open';
  return { acceptedAfterMs, clientEnd, greeting };
}
