import { pageWidth } from './text.ts';

/** How many columns a terminal has; a terminal of `script` or of a container says 0 until somebody sets its size. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : pageWidth;
}
