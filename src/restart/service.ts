import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../native/clock.ts';
import type { Holder } from '../observe/row.ts';
import { poll } from '../time.ts';
import { acceptanceOf } from './acceptance.ts';
import { Client } from './client.ts';
import { type Greeting, untilGreeted } from './clients.ts';
import type { RoundContext } from './context.ts';
import type { Target } from './target.ts';
import type { SecondResult } from './trial.ts';

const pollMs = 1;
/** How long a served client is watched for an early end. */
export const holdMs = 300;
const answerDeadlineMs = 10_000;

/** What happened to one client. */
export type Service =
  | { readonly state: 'no connection' }
  | { readonly state: 'not accepted' }
  /** Accepted by a process of the old server, or of another program. */
  | { readonly state: 'accepted by another'; readonly by: readonly Holder[] }
  | { readonly state: 'no answer' | 'ended' | 'reset' }
  /** Ended in the same way as by the first start, and by a process that was not seen: it may be of either start. */
  | { readonly state: 'ended unseen' }
  /** `by` is empty if the process is hidden. `at` is in milliseconds of CLOCK_MONOTONIC. */
  | {
      readonly state: 'served';
      readonly by: readonly Holder[];
      readonly at: number;
      readonly result: SecondResult;
    };

/**
 * The result of a start, by what happened to the last client that tried it.
 * @throws TcpcloseError `not-accepted` if it is not known which start ended it
 */
export function resultOf({ state }: Service): SecondResult {
  if (state !== 'ended unseen') return results[state];
  throw new TcpcloseError(
    'not-accepted',
    'the server ends each connection before it can be seen who accepts it, so its restart cannot be judged',
  );
}

const results = {
  'no connection': 'failed',
  'not accepted': 'listens only',
  'accepted by another': 'listens only',
  'no answer': 'no answer',
  ended: 'ends its client',
  reset: 'ends its client',
  served: 'accepts',
} as const satisfies Record<Exclude<Service['state'], 'ended unseen'>, SecondResult>;

interface Expectation {
  readonly request: Buffer | undefined;
  /** Whether the first start sent first: then a request waits for the greeting. */
  readonly greeting: Greeting;
  readonly acceptPatienceMs: number;
  /** Whether a container's proxy accepts the clients: it ends them while nothing in the container listens. */
  readonly proxied: 'yes' | 'no';
  /** What the first start did to its clients without a request. */
  readonly firstEnd: Client['state'];
  /** Whether a process is one of those that should accept. */
  isOwn(pid: number): boolean;
  /** The visible processes that listen there: one of them has accepted a connection that is already gone. */
  listening(): readonly Holder[];
  /** Whether further waiting is pointless. */
  hasEnded(): boolean;
  /**
   * Judges a start that has served its client, while the client is still connected: tcpclose ends the client with a RST, and must not be
   * the reason if a program does not survive that.
   */
  inTheEnd(servedAt: number): Promise<SecondResult>;
}

/** Connects a client, and reports what happens to it. */
export async function serviceAt(
  context: RoundContext,
  target: Target,
  expected: Expectation,
): Promise<Service> {
  const client = await Client.connect(target).catch(() => undefined);
  if (client === undefined) return { state: 'no connection' };
  try {
    const { request, greeting } = expected;
    if (request !== undefined && greeting !== 'sent') client.send(request);
    const by = await untilAccepted(context, target, client, expected);
    if (by === undefined) return unserved(client, expected);
    if (by.some(({ pid }) => !expected.isOwn(pid))) return { state: 'accepted by another', by };
    if (request !== undefined && greeting === 'sent') {
      await untilGreeted(client, answerDeadlineMs);
      client.send(request);
    }
    return await untilServed(client, by, expected, context.signal);
  } finally {
    client.reset();
  }
}

function unserved({ state }: Client, { request, firstEnd }: Expectation): Service {
  if (state === 'open') return { state: 'not accepted' };
  if (request === undefined && state === firstEnd) return { state: 'ended unseen' };
  return { state: request === undefined ? state : 'no answer' };
}

/** The processes that have accepted it; undefined if none has. */
async function untilAccepted(
  context: RoundContext,
  target: Target,
  client: Client,
  expected: Expectation,
): Promise<readonly Holder[] | undefined> {
  const look = () => {
    const acceptance = acceptanceOf(context, target, client);
    if (acceptance.state === 'accepted') return acceptance.by;
    if (acceptance.state === 'deferred' && expected.request === undefined) client.nudge();
    if (acceptance.state === 'gone' && (client.state !== 'reset' || expected.firstEnd === 'reset')) {
      const listening = expected.listening();
      if (listening.length > 0) return listening;
      // The proxy may not be below the command. No other process will accept this client.
      if (client.state === 'ended' && expected.proxied === 'yes') return null;
    }
    return (client.state === 'reset' || expected.hasEnded()) && null;
  };
  const patience = { withinMs: expected.acceptPatienceMs, everyMs: pollMs, signal: context.signal };
  return (await poll('the client to be accepted', look, patience)) ?? undefined;
}

async function untilServed(
  client: Client,
  by: readonly Holder[],
  { request, firstEnd, hasEnded, inTheEnd }: Expectation,
  signal: AbortSignal,
): Promise<Service> {
  const answered = () => request === undefined || client.answered;
  const isOver = () => client.state !== 'open' || hasEnded();
  const often = { everyMs: pollMs, signal };
  await poll('an answer', () => answered() || isOver(), { withinMs: answerDeadlineMs, ...often });
  const at = monotonicMs();
  await poll('an early end of the connection', isOver, { withinMs: holdMs, ...often });
  if (!answered()) return { state: 'no answer' };
  if (client.state === 'reset' && firstEnd !== 'reset') return { state: 'reset' };
  if (client.state === 'ended' && client.received === 0 && firstEnd === 'open') return { state: 'ended' };
  return { state: 'served', by, at, result: await inTheEnd(at) };
}
