import { isatty } from 'node:tty';

const widest = 80;
const narrowest = 60;
const usualRows = 24;
let width: number | undefined;

/**
 * How many columns everything is laid out for: 80, so that it can be pasted anywhere, and those of a narrower terminal or of COLUMNS,
 * down to 60. It stays the same during a run.
 */
export function pageWidth(): number {
  // Whether it is a terminal is asked first: the stream of standard output takes 5 ms to set up.
  width ??= Math.max(narrowest, Math.min(wantedColumns(), isatty(1) ? columnsOf(process.stdout) : widest));
  return width;
}

/** By COLUMNS (POSIX, XBD section 8.3), which is ignored unless it is a whole number; at the most as many as are ever used. */
function wantedColumns(): number {
  const { COLUMNS: text = '' } = process.env;
  return /^[1-9]\d{0,3}$/.test(text) ? Math.min(widest, Number(text)) : widest;
}

/** How many columns a terminal has; a terminal of `script` or of a container says 0 until somebody sets its size. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : widest;
}

/** How many lines a terminal has; 24 for one that says 0. */
export function rowsOf({ rows }: { readonly rows?: number }): number {
  return rows !== undefined && rows > 0 ? rows : usualRows;
}
