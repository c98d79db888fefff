import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

const CLOCK_REALTIME = 0;
const tries = 5;

const clockGettime = libcFunction<[number, Buffer]>('int clock_gettime(int clock, void *time)');

/** Now in milliseconds of CLOCK_MONOTONIC: the same for all processes of a machine, and for the kernel's traces. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What must be added to a time of CLOCK_REALTIME to get the one of CLOCK_MONOTONIC, in milliseconds; good to some microseconds. */
export function realtimeToMonotonic(): number {
  let [best, narrowest] = [0, Number.POSITIVE_INFINITY];
  const time = Buffer.alloc(16);
  for (let i = 0; i < tries; i++) {
    const before = monotonicMs();
    failOn('clock_gettime', clockGettime(CLOCK_REALTIME, time));
    const after = monotonicMs();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    best = (before + after) / 2 - readTimespec(time);
  }
  return best;
}

/** struct timespec in milliseconds. */
export function readTimespec(time: Buffer): number {
  return Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1e6;
}
