import { closeSync, openSync, readSync } from 'node:fs';

/** The bytes of a file, or `too long` if there are more than `most`: it may be endless, like /dev/zero, or have no size, like a pipe. */
export function readLimited(path: string, most: number): Buffer | 'too long' {
  const file = openSync(path, 'r');
  const chunks: Buffer[] = [];
  try {
    for (let left = most + 1, read = 1; left > 0 && read > 0; left -= read) {
      const chunk = Buffer.alloc(Math.min(left, 1 << 16));
      read = readSync(file, chunk);
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  const bytes = Buffer.concat(chunks);
  return bytes.length > most ? 'too long' : bytes;
}
