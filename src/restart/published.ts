/** A port that an engine publishes for a container: its listener exists before the server in the container does. */

import { TcpcloseError } from '../errors.ts';
import { formatSpan, poll } from '../time.ts';
import { atMost } from '../waiting.ts';
import { Client } from './client.ts';
import type { RoundContext } from './context.ts';
import { describeEnding, endedEarly } from './early-end.ts';
import { publisherOf } from './publishing.ts';
import type { Run } from './run.ts';
import type { ServerOptions } from './server-options.ts';
import { holdMs } from './service.ts';
import type { Target } from './target.ts';

const pollMs = 20;

/**
 * Waits until a server in the container accepts connections, if the port is published: before that, they are refused, or the proxy ends
 * them at once.
 * @throws TcpcloseError `not-ready`, `command-failed`
 */
export async function untilServedBehind(
  context: RoundContext,
  target: Target,
  run: Run,
  { timeoutMs }: ServerOptions,
): Promise<void> {
  if (publisherOf(target) === null) return;
  context.progress('waiting for the server in the container', atMost(timeoutMs));
  let last = '';
  const look = async () => {
    const ending = run.ending();
    if (ending !== undefined)
      throw await endedEarly(context, run, `ended with ${describeEnding(ending)} before it was ready`);
    last = await whyNotServed(target, context.signal);
    return last === '';
  };
  const patience = { withinMs: timeoutMs, everyMs: pollMs, signal: context.signal };
  if (await poll('the server in the container', look, patience)) return;
  throw new TcpcloseError(
    'not-ready',
    `the port is published, but nothing in the container took a connection within ${formatSpan(timeoutMs)} (${last}): look at the port behind the colon of -p, at the address that the server listens on (0.0.0.0, not 127.0.0.1), or allow more time with --timeout`,
  );
}

/** Why a client is not served; empty if its connection stays open for a while. */
async function whyNotServed(target: Target, signal: AbortSignal): Promise<string> {
  let client: Client;
  try {
    client = await Client.connect(target);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  try {
    const patience = { withinMs: holdMs, everyMs: 1, signal };
    await poll('an early end', () => client.state !== 'open' || client.received > 0, patience);
    return client.state === 'open' || client.received > 0 ? '' : 'it was closed at once';
  } finally {
    client.reset();
  }
}
