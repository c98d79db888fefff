import { readSync, writeSync } from 'node:fs';
import { libc } from './libc.ts';

const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

/**
 * A descriptor with which one thread wakes another that polls it (eventfd(2)).
 * @throws SystemCallError
 */
export function openWaker(): number {
  return libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

export function wake(waker: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(waker, one);
}

/** Resets the waker for the next time. */
export function resetWaker(waker: number): void {
  readSync(waker, Buffer.alloc(8));
}
