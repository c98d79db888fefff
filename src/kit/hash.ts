import { createHash } from 'node:crypto';

/** The hash of what was sent, as a read gives it of what was read. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
