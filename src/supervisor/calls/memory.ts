import { closeSync, openSync, readSync } from 'node:fs';

/** A part of a thread's memory, as far as it can be read; undefined if nothing can. */
export function readMemory(thread: number, address: bigint, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  try {
    const fd = openSync(`/proc/${thread}/mem`, 'r');
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, size, address));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

const pageSize = 4096n;
const longestPath = 4096;

/** A text that ends with NUL. The memory after it may not be mapped. */
export function readTextFrom(thread: number, address: bigint): string | undefined {
  let text = Buffer.alloc(0);
  for (let at = address; text.length < longestPath; ) {
    const part = readMemory(thread, at, Number(pageSize - (at % pageSize)));
    if (part === undefined || part.length === 0) return undefined;
    const end = part.indexOf(0);
    text = Buffer.concat([text, end === -1 ? part : part.subarray(0, end)]);
    if (end !== -1) return text.toString();
    at += BigInt(part.length);
  }
  return undefined;
}
