import { availableParallelism } from 'node:os';
import { mostDescriptors } from '../own-limits.ts';

// A scenario mostly waits for processes and for timers of the kernel. This many at once keep the cores busy.
const jobsPerCore = 4;

// Pipes to processes, captures and observers: 18 for each of eight scenarios at once, and those of the pool.
const descriptorsPerJob = 24;
const descriptorsOfAll = 56;

/** How many scenarios at once keep the cores busy. */
export function jobsByCores(): number {
  return availableParallelism() * jobsPerCore;
}

/** How many scenarios at once this process has descriptors for; at least one. */
export function jobsByDescriptors(): number {
  return Math.max(1, Math.floor((mostDescriptors() - descriptorsOfAll) / descriptorsPerJob));
}
