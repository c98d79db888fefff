import { addAbortListener } from 'node:events';
import { setTimeout as timeout } from 'node:timers/promises';
import { debug } from './debug.ts';

/** Waits, and rejects with the signal's reason as soon as it aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** How long to wait for something, how often to look for it, and what ends the wait. */
interface Patience {
  readonly withinMs: number;
  readonly everyMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks repeatedly until there is something, and returns it; undefined when the time is over. The last look comes after that, so a busy
 * machine does not end the wait unseen. Traces name the wait by `what`.
 */
export async function poll<Value>(
  what: string,
  look: () => Value | false | undefined | Promise<Value | false | undefined>,
  { withinMs, everyMs, signal }: Patience,
): Promise<Value | undefined> {
  const startedAt = performance.now();
  debug(() => `wait for ${what}, ${formatSpan(withinMs)} at most`);
  for (;;) {
    const waitedMs = performance.now() - startedAt;
    const found = await look();
    const isThere = found !== undefined && found !== false;
    if (isThere || waitedMs >= withinMs) {
      debug(() => `${isThere ? 'came' : 'did not come'} within ${waitedMs.toFixed(1)} ms: ${what}`);
      return isThere ? found : undefined;
    }
    await sleep(everyMs, signal);
  }
}

/**
 * Tries repeatedly as long as it fails in a way that may pass.
 * @throws the last failure when the time is over
 */
export async function retry<Value>(
  what: string,
  attempt: () => Value | Promise<Value>,
  mayPass: (error: unknown) => boolean,
  patience: Patience,
): Promise<Value> {
  let failure: unknown;
  const tried = async () => {
    try {
      return { value: await attempt() };
    } catch (error) {
      if (!mayPass(error)) throw error;
      failure = error;
      return undefined;
    }
  };
  const passed = await poll(what, tried, patience);
  if (passed === undefined) throw failure;
  return passed.value;
}

/** Settles like the promise, or rejects with `late()` after `ms`. */
export async function within<Value>(ms: number, promise: Promise<Value>, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  debug(() => `wait ${formatSpan(ms)} at most, or else: ${late().message || 'go on'}`);
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Settles like the promise, or rejects with the signal's reason if it aborts first. */
export async function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  let listening: Disposable | undefined;
  const aborted = new Promise<never>((_, reject) => {
    listening = addAbortListener(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    listening?.[Symbol.dispose]();
  }
}

/** `0.3 s`, `12 s`, `1 min 5 s`. */
export function formatSpan(ms: number): string {
  if (!Number.isFinite(ms)) return 'an unknown time';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < 100_000) return `${Math.floor(ms / 1000)} s`;
  const seconds = Math.floor(ms / 1000) % 60;
  return `${Math.floor(ms / 60_000)} min${seconds === 0 ? '' : ` ${seconds} s`}`;
}
