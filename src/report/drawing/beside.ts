import type { Axis } from './axis.ts';
import { type Drawn, text, widthOf } from './drawn.ts';

const size = 11;
const mostRows = 6;

/** Where a sign is drawn, and on which side of it its words are; null if there is no room for them. */
export interface PlacedSign {
  readonly x: number;
  readonly row: number;
  readonly side: 'right' | 'left' | null;
}

/** Places signs at their times, in as few rows as needed, with words beside them. Words that do not fit are only in the label of the sign. */
export function placeSigns(
  signs: readonly { readonly atMs: number; readonly words: string }[],
  axis: Axis,
): { readonly placed: readonly PlacedSign[]; readonly rows: number } {
  const taken = Array.from({ length: mostRows }, () => Number.NEGATIVE_INFINITY);
  const placed = signs.map(({ atMs, words }): PlacedSign => {
    const x = axis.x(atMs);
    const width = widthOf(words, size);
    const room = (side: 'right' | 'left') =>
      taken.findIndex((end) => end < x - 9 - (side === 'left' ? width : 0));
    // Words that do not fit before the edge are placed before their sign.
    const side = x + 10 + width < axis.right + 16 ? 'right' : 'left';
    const withWords = room(side);
    const free = withWords === -1 ? room('right') : withWords;
    const row = free === -1 ? taken.indexOf(Math.min(...taken)) : free;
    const fits = words !== '' && withWords !== -1;
    taken[row] = x + 9 + (fits && side === 'right' ? width : 0);
    return { x, row, side: fits ? side : null };
  });
  return { placed, rows: taken.filter((end) => end > Number.NEGATIVE_INFINITY).length };
}

export function wordsBeside({ x, side }: PlacedSign, y: number, words: string): Drawn[] {
  if (side === null) return [];
  return [side === 'right' ? text(x + 8, y + 4, 'small', words) : text(x - 8, y + 4, 'small end', words)];
}
