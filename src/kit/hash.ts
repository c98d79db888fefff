import { createHash } from 'node:crypto';

/** The hash of sent data, to compare with the hash in the result of a read. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
