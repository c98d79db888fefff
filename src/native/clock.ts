import { libc } from './libc.ts';
import type { Struct } from './structs.ts';

const CLOCK_REALTIME = 0;
const tries = 5;

/** Now in milliseconds of CLOCK_MONOTONIC: the same for all processes of a machine, and for the kernel's traces. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Converts times that the kernel notes by CLOCK_REALTIME, such as those of packets, to CLOCK_MONOTONIC. */
export class PacketClock {
  #toMonotonic = realtimeToMonotonic();
  #comparedAt = performance.now();

  /** Milliseconds, precise to a few microseconds. @param seconds, nanoseconds of the time that was noted */
  monotonicMs(seconds: bigint, nanoseconds: bigint): number {
    if (performance.now() - this.#comparedAt > clocksAgreeMs) {
      this.#toMonotonic = realtimeToMonotonic();
      this.#comparedAt = performance.now();
    }
    return milliseconds(seconds, nanoseconds) + this.#toMonotonic;
  }
}

/** How long the two clocks are assumed to run alike. */
const clocksAgreeMs = 1000;

/** CLOCK_MONOTONIC minus CLOCK_REALTIME in milliseconds, precise to a few microseconds. */
function realtimeToMonotonic(): number {
  let [best, narrowest] = [0, Number.POSITIVE_INFINITY];
  const time: Struct<'timespec'> = { tv_sec: 0, tv_nsec: 0 };
  for (let i = 0; i < tries; i++) {
    const before = monotonicMs();
    libc.clock_gettime(CLOCK_REALTIME, time);
    const after = monotonicMs();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    best = (before + after) / 2 - milliseconds(time.tv_sec, time.tv_nsec);
  }
  return best;
}

function milliseconds(seconds: number | bigint, nanoseconds: number | bigint): number {
  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}
