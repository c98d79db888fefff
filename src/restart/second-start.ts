import { monotonicMs } from '../native/clock.ts';
import { isProxy } from '../observe/publisher.ts';
import type { Holder, Row } from '../observe/row.ts';
import { poll, sleep } from '../time.ts';
import { after } from '../waiting.ts';
import type { RoundContext, RoundOptions } from './context.ts';
import type { Treatment } from './first-clients.ts';
import type { Generation } from './lineage.ts';
import { listenersBefore } from './listening.ts';
import { becomesReady } from './ready.ts';
import type { Run } from './run.ts';
import type { UserServer } from './server.ts';
import { resultOf, type Service, serviceAt } from './service.ts';
import { SuccessorSight } from './successor.ts';
import type { SecondResult, SecondStart } from './trial.ts';

const pollMs = 2;
const retryMs = 200;
const recoveryMarginMs = 15_000;
const leastPatienceMs = 5000;
/** If listeners of the old server remain, the kernel gives each client to a random one. */
const sharedPatienceMs = 500;
const triesWhenShared = 32;
const tries = 3;
const everywhereMs = 2000;
const everywherePollMs = 20;

/** What the proxy of a container does to a client while nothing in the container listens. */
const turnedAway: readonly Service['state'][] = ['ended', 'ended unseen', 'reset', 'no answer'];
const turnedAwayMs = 3000;

/** The result of a start. */
export interface Attempt extends Omit<SecondStart, 'ended' | 'output' | 'sockets' | 'ownBind' | 'calls'> {
  readonly run: Run;
}

/** What is known about the first start when the second one begins. */
export interface First extends Treatment {
  readonly server: UserServer;
  /** The processes that are left of it. */
  readonly left: Generation;
  /** The addresses on which it listened until the signal, or its path. */
  readonly places: readonly string[];
}

/** Starts the server again, and waits until it has served a client, has ended, listens elsewhere, or took too long. */
export async function startAgain(
  context: RoundContext,
  options: RoundOptions,
  first: First,
): Promise<Attempt> {
  const { supervisor, signal } = context;
  const before = listenersBefore(context);
  const run = await supervisor.start(options.command);
  const sight = new SuccessorSight(context, await supervisor.pid, first, before, run, options);
  const { publisher } = first.server;
  const isProxied = publisher !== null && isProxy(publisher.is);
  let last: Service = { state: 'no connection' };
  let listened: Attempt['listened'] = 'no';
  let missing: Attempt['missing'] = [];
  let watchedMs: number | null = null;
  const attempt = (
    result: SecondResult,
    acceptedBy: readonly Holder[] = [],
    at = monotonicMs(),
  ): Attempt => ({
    run,
    result,
    at,
    acceptedBy,
    acceptor: sight.acceptor,
    listened,
    listensOn: result === 'failed' ? sight.elsewhere() : [],
    missing,
    watchedMs,
  });
  const until = monotonicMs() + options.timeoutMs;
  for (let count = 0; monotonicMs() < until; ) {
    if (sight.hasEnded()) return attempt('failed');
    const shared = sight.isShared();
    const target = sight.target();
    if (target !== undefined) {
      listened = 'yes';
      const usual = Math.max(leastPatienceMs, 3 * first.acceptedAfterMs);
      // A kept listener exists before the server.
      const patience = context.kept === undefined ? usual : options.timeoutMs;
      const triedAt = monotonicMs();
      last = await serviceAt(context, target, {
        request: options.request,
        acceptPatienceMs: shared ? sharedPatienceMs : patience,
        proxied: isProxied ? 'yes' : 'no',
        greeting: first.greeting,
        firstEnd: first.clientEnd,
        isOwn: (pid) => sight.isOwn(pid),
        listening: () => sight.listening(),
        hasEnded: () => sight.hasEnded(),
        inTheEnd: async (servedAt) => {
          const ready = await becomesReady(run, target, options, signal);
          watchedMs = await untilSettled(sight, servedAt, context, options);
          missing = await missingPlaces(sight, signal);
          if (sight.hasEnded()) return 'failed';
          if (missing.length > 0) return 'not everywhere';
          return ready ? 'accepts' : 'not ready';
        },
      });
      if (last.state === 'served') {
        return last.result === 'failed' ? attempt('failed') : attempt(last.result, last.by, last.at);
      }
      const early = isProxied && turnedAway.includes(last.state) && monotonicMs() - triedAt < turnedAwayMs;
      if (last.state !== 'no connection' && !early && ++count >= (shared ? triesWhenShared : tries)) break;
      if (last.state === 'not accepted' && !shared) break;
    } else if (await sight.isOver(until)) break;
    await sleep(pollMs, signal);
  }
  if (sight.hasEnded()) return attempt('failed');
  // The old server still listens, and that decides.
  if (last.state === 'ended unseen' && sight.isShared()) return attempt('listens only');
  return attempt(resultOf(last));
}

/** Watches whether the server stays: a start that fails soon has not survived. Returns how long it was watched. */
async function untilSettled(
  sight: SuccessorSight,
  servedAt: number,
  { progress, signal }: RoundContext,
  { settleMs }: RoundOptions,
): Promise<number> {
  progress('watching whether it stays up', after(settleMs));
  const patience = { withinMs: settleMs - (monotonicMs() - servedAt), everyMs: pollMs, signal };
  await poll('an early end of the second start', () => sight.hasEnded(), patience);
  return monotonicMs() - servedAt;
}

// The addresses that are still missing: they are opened one after the other, and a worker may take over a listener.
async function missingPlaces(sight: SuccessorSight, signal: AbortSignal): Promise<string[]> {
  let missing: string[] = [];
  const look = () => {
    missing = sight.missing();
    return missing.length === 0 || sight.hasEnded();
  };
  const patience = { withinMs: everywhereMs, everyMs: everywherePollMs, signal };
  await poll('all addresses to be listened on', look, patience);
  return missing;
}

/** Starts the server until it serves a client. Returns the time since the signal; null if the port did not become free. */
export async function recover(
  context: RoundContext,
  options: RoundOptions,
  first: First,
  sockets: readonly Row[],
  killedAt: number,
): Promise<number | null> {
  const leftMs = Math.max(0, ...sockets.map(({ timer }) => timer?.leftMs ?? 0));
  const endsAt = performance.now() + leftMs;
  for (const until = endsAt + recoveryMarginMs; performance.now() < until; ) {
    context.progress('waiting for the port to become free', { at: endsAt });
    const attempt = await startAgain(context, options, first);
    if (attempt.result === 'accepts') return attempt.at - killedAt;
    await sleep(retryMs, context.signal);
  }
  return null;
}
