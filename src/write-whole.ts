import { writeSync } from 'node:fs';

const retryMs = 5;

/** Writes all of it, or throws. write(2) may write a part and report no error: on a disk that is nearly full, or on a non-blocking pipe. */
export function writeWhole(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes, at);
}

function writeSome(fd: number, bytes: Uint8Array, at: number): number {
  try {
    return writeSync(fd, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    // A pipe is non-blocking for every process that has it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    return 0;
  }
}
