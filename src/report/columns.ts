import { isatty } from 'node:tty';

const widest = 80;
const narrowest = 60;
const usualRows = 24;
let width: number | undefined;

/**
 * The number of columns for all layouts: 80, which fits wherever output is pasted; fewer on a narrower terminal, or if COLUMNS says less,
 * but at least 60. It stays the same during a run.
 */
export function pageWidth(): number {
  // Check first whether it is a terminal: the stream of standard output takes 5 ms to set up.
  width ??= Math.max(narrowest, Math.min(wantedColumns(), isatty(1) ? columnsOf(process.stdout) : widest));
  return width;
}

/** The value of COLUMNS (POSIX, XBD section 8.3), which is ignored unless it is an integer; at most 80. */
function wantedColumns(): number {
  const { COLUMNS: text = '' } = process.env;
  return /^[1-9]\d{0,3}$/.test(text) ? Math.min(widest, Number(text)) : widest;
}

/** The number of columns of a terminal; a terminal of `script` or of a container reports 0 until its size is set. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : widest;
}

/** The number of lines of a terminal; 24 if it reports 0. */
export function rowsOf({ rows }: { readonly rows?: number }): number {
  return rows !== undefined && rows > 0 ? rows : usualRows;
}
