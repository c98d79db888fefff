import * as v from 'valibot';
import { count } from './schemas.ts';

/** What is to be written: `text`, or `bytes` of filler. */
export const content = { text: v.optional(v.string()), bytes: v.optional(count) };

/** How much of what was read is given back. */
export const shownText = 200;

/** The text, or that many bytes of which each tells its place, so that what is lost or doubled shows in a hash. */
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
