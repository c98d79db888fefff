import { libc } from './libc.ts';
import type { Struct } from './structs.ts';

const CLOCK_REALTIME = 0;
const tries = 5;

/** Now in milliseconds of CLOCK_MONOTONIC, which all processes of a machine and the kernel's traces share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Added to a time of CLOCK_MONOTONIC, it gives one of this process's performance.now(), in milliseconds. Each process has its own. */
export function monotonicToOwn(): number {
  ownMinusMonotonic ??= -monotonicMinus(() => performance.now());
  return ownMinusMonotonic;
}

let ownMinusMonotonic: number | undefined;

/** Converts CLOCK_REALTIME, by which the kernel records packets, to CLOCK_MONOTONIC, even if the clock was set while a packet waited. */
export class PacketClock {
  /** The newest comparison is first. An older one was valid until the clock was set. */
  #comparisons = [compareClocks()];
  #dateMinusMonotonic = Date.now() - monotonicMs();

  /**
   * Milliseconds, precise to a few microseconds.
   * @param seconds, nanoseconds of the recorded time
   */
  monotonicMs(seconds: bigint, nanoseconds: bigint): number {
    const now = monotonicMs();
    this.#update(now);
    const recorded = milliseconds(seconds, nanoseconds);
    const times = this.#comparisons.map(({ realtimeToMonotonic }) => recorded + realtimeToMonotonic);
    // With a comparison that was not valid then, the packet would seem to come from the future, or to have waited for as long as the clock
    // was set by.
    const possible = times.filter((at) => at < now + leastJumpMs);
    return possible.length === 0 ? now : Math.max(...possible);
  }

  #update(now: number): void {
    const dateMinusMonotonic = Date.now() - now;
    const mayBeSet = Math.abs(dateMinusMonotonic - this.#dateMinusMonotonic) > leastJumpMs;
    const [last, ...older] = this.#comparisons;
    if (last !== undefined && !mayBeSet && now - last.at < clocksAgreeMs) return;
    this.#dateMinusMonotonic = dateMinusMonotonic;
    const newest = compareClocks();
    const wasSet =
      last !== undefined && Math.abs(newest.realtimeToMonotonic - last.realtimeToMonotonic) > leastJumpMs;
    const kept = [...(wasSet ? [last] : []), ...older].filter(({ at }) => now - at < longestWaitMs);
    this.#comparisons = [newest, ...kept];
  }
}

/** How long the two clocks are assumed to run alike, unless one of them is set. */
const clocksAgreeMs = 1000;
/** Date.now() is precise to a millisecond. */
const leastJumpMs = 2;
/** No packet waits longer than this to be read. */
const longestWaitMs = 10_000;

interface Comparison {
  /** CLOCK_MONOTONIC minus CLOCK_REALTIME in milliseconds, precise to a few microseconds. */
  readonly realtimeToMonotonic: number;
  /** When the difference was measured, in milliseconds of CLOCK_MONOTONIC. */
  readonly at: number;
}

function compareClocks(): Comparison {
  return { realtimeToMonotonic: monotonicMinus(kernelRealtimeMs), at: monotonicMs() };
}

/**
 * CLOCK_MONOTONIC minus another clock, which is read between two readings of the first. The process may lose its processor in between: the
 * two readings that lie closest together count.
 */
export function monotonicMinus(read: () => number): number {
  let [best, narrowest] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < tries; i++) {
    const before = monotonicMs();
    const other = read();
    const after = monotonicMs();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    best = (before + after) / 2 - other;
  }
  return best;
}

/**
 * The kernel's own CLOCK_REALTIME, which adjtimex(2) reads without changing anything. Libraries such as libfaketime give a process another
 * time of day by answering clock_gettime. A sandbox may forbid adjtimex; then clock_gettime must do.
 */
function kernelRealtimeMs(): number {
  timex.fill(0);
  if (libc.adjtimex.unchecked(timex) < 0) {
    const time: Struct<'timespec'> = { tv_sec: 0, tv_nsec: 0 };
    libc.clock_gettime(CLOCK_REALTIME, time);
    return milliseconds(time.tv_sec, time.tv_nsec);
  }
  const isInNanoseconds = (timex.readInt32LE(timexStatus) & STA_NANO) !== 0;
  const part = timex.readBigInt64LE(timexTime + 8);
  return milliseconds(timex.readBigInt64LE(timexTime), isInNanoseconds ? part : part * 1000n);
}

// struct timex of <linux/timex.h> on 64-bit machines; STA_NANO gives the unit of the second half of its time.
const timex = Buffer.alloc(208);
const timexStatus = 40;
const timexTime = 72;
const STA_NANO = 0x2000;

function milliseconds(seconds: number | bigint, nanoseconds: number | bigint): number {
  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}
