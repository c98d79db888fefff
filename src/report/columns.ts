import { isatty } from 'node:tty';

const widest = 80;
const narrowest = 60;
const usualRows = 24;
let width: number | undefined;

/**
 * How many columns everything is laid out for: 80, so that it can be pasted anywhere, and those of a narrower terminal, down to
 * 60. It stays the same during a run.
 */
export function pageWidth(): number {
  // Whether it is a terminal is asked first: the stream of standard output takes 5 ms to set up.
  width ??= isatty(1) ? Math.min(widest, Math.max(narrowest, columnsOf(process.stdout))) : widest;
  return width;
}

/** How many columns a terminal has; a terminal of `script` or of a container says 0 until somebody sets its size. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : widest;
}

/** How many lines a terminal has; 24 for one that says 0. */
export function rowsOf({ rows }: { readonly rows?: number }): number {
  return rows !== undefined && rows > 0 ? rows : usualRows;
}
