import { libc } from './libc.ts';

const POLLIN = 1;
const pollfdSize = 8;

/** Blocks the thread until one of the descriptors is readable, up to a limit. Returns the readable ones. */
export function waitForInput(fds: readonly number[], ms: number): number[] {
  const polled = Buffer.alloc(fds.length * pollfdSize);
  fds.forEach((fd, i) => {
    polled.writeInt32LE(fd, i * pollfdSize);
    polled.writeInt16LE(POLLIN, i * pollfdSize + 4);
  });
  const timeout = { tv_sec: Math.floor(ms / 1000), tv_nsec: Math.round((ms % 1000) * 1e6) };
  libc.ppoll.unchecked(polled, fds.length, timeout, null);
  return fds.filter((_, i) => (polled.readInt16LE(i * pollfdSize + 6) & POLLIN) !== 0);
}
