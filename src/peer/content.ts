import * as v from 'valibot';
import { count } from './schemas.ts';

/** What to write: `text`, or `bytes` of filler. */
export const content = { text: v.optional(v.string()), bytes: v.optional(count) };

/** How much of the data read is returned. */
export const shownText = 200;

/** The text, or this many bytes. Each byte depends on its place, so a hash reveals lost or repeated ones. */
export function filler({
  text,
  bytes = 0,
}: {
  text?: string | undefined;
  bytes?: number | undefined;
}): Buffer {
  if (text !== undefined) return Buffer.from(text);
  const line = Buffer.from(
    Array.from({ length: 4096 }, (_, i) => `${String(i).padStart(7, '0')}\n`).join(''),
  );
  return Buffer.alloc(bytes, line);
}
