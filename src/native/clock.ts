import { libc } from './libc.ts';
import type { Struct } from './structs.ts';

const CLOCK_REALTIME = 0;
const tries = 5;

/** Now in milliseconds of CLOCK_MONOTONIC, which all processes of a machine and the kernel's traces share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Converts times that the kernel records by CLOCK_REALTIME, such as those of packets, to CLOCK_MONOTONIC; also of packets that waited while
 * somebody set the clock.
 */
export class PacketClock {
  /** The newest first; an older one was valid until the clock was set. */
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
    // Under a comparison that was not valid then, the packet would come from the future, or have waited for as long as the clock was set by.
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

/** How long the two clocks are assumed to run alike, unless somebody sets one. */
const clocksAgreeMs = 1000;
/** Date.now() is precise to a millisecond. */
const leastJumpMs = 2;
/** No packet waits longer until it is read. */
const longestWaitMs = 10_000;

interface Comparison {
  /** CLOCK_MONOTONIC minus CLOCK_REALTIME in milliseconds, precise to a few microseconds. */
  readonly realtimeToMonotonic: number;
  /** When that was so: milliseconds of CLOCK_MONOTONIC. */
  readonly at: number;
}

function compareClocks(): Comparison {
  let [best, narrowest] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < tries; i++) {
    const before = monotonicMs();
    const realtime = kernelRealtimeMs();
    const after = monotonicMs();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    best = (before + after) / 2 - realtime;
  }
  return { realtimeToMonotonic: best, at: monotonicMs() };
}

/**
 * The kernel's own CLOCK_REALTIME, which adjtimex(2) reads if it is to change nothing. clock_gettime is answered by the libraries that give a
 * process another time of day, such as libfaketime; a sandbox may forbid adjtimex, and then that has to do.
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

// struct timex of <linux/timex.h> on 64-bit machines; STA_NANO says in which unit the second half of its time is.
const timex = Buffer.alloc(208);
const timexStatus = 40;
const timexTime = 72;
const STA_NANO = 0x2000;

function milliseconds(seconds: number | bigint, nanoseconds: number | bigint): number {
  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}
