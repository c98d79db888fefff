import type { RunDocument } from '../documents/run.ts';
import type { Axis } from './axis.ts';
import { bindResult } from './collect.ts';
import { box, cross, type Drawn, draw, item, text, widthOf } from './drawn.ts';
import type { Band } from './lanes.ts';
import { moment } from './words.ts';

const size = 11;
const mostCheckRows = 4;

/** Each check at its time; what a bind came to is written beside it. */
export function checks({ checks }: RunDocument, axis: Axis, left: number): Band {
  const taken = Array.from({ length: mostCheckRows }, () => Number.NEGATIVE_INFINITY);
  const drawn = checks.flatMap((check, i) => {
    if (check.atMs < axis.from || check.atMs > axis.to) return [];
    const x = axis.x(check.atMs);
    const words = wordsOf(check);
    const width = widthOf(words, size);
    const room = (side: 'right' | 'left') =>
      taken.findIndex((end) => end < x - 9 - (side === 'left' ? width : 0));
    // Words that do not fit before the edge stand before their sign.
    const side = x + 10 + width < axis.right + 16 ? 'right' : 'left';
    const withWords = room(side);
    const free = withWords === -1 ? room('right') : withWords;
    const row = free === -1 ? taken.indexOf(Math.min(...taken)) : free;
    const fits = words !== '' && withWords !== -1;
    taken[row] = x + 9 + (fits && side === 'right' ? width : 0);
    return [drawCheck(check, i, x, 12 + row * 18, fits ? { words, side } : null)];
  });
  if (checks.length === 0) return { height: 0, drawn: [] };
  const rows = taken.filter((end) => end > Number.NEGATIVE_INFINITY).length;
  return { height: 12 + rows * 18, drawn: [text(left - 8, 16, 'small end', 'checks'), ...drawn] };
}

/** What a bind came to, or that the new server accepted. */
function wordsOf(check: RunDocument['checks'][number]): string {
  const bind = bindResult(check);
  if (bind !== null) return `bind ${bind}`;
  return /^accepted\b/.test(check.observed) ? 'accepts' : '';
}

function drawCheck(
  { atMs, verdict, title, observed }: RunDocument['checks'][number],
  index: number,
  x: number,
  y: number,
  beside: { readonly words: string; readonly side: 'right' | 'left' } | null,
): Drawn {
  const agrees = verdict === 'as expected';
  return item(
    `check:${index}`,
    `Check at ${moment(atMs)}, ${verdict}: ${title}: ${observed}`,
    agrees ? 'check good' : 'check bad',
    box(x - 7, y - 9, 14, 18, 'reach'),
    agrees
      ? draw('path', { d: `M${x.toFixed(1)} ${y}m-4 0l3 4l5.5 -8`, class: 'mark' })
      : cross(x, y, 4, 'mark'),
    ...(beside === null
      ? []
      : [
          beside.side === 'right'
            ? text(x + 8, y + 4, 'small', beside.words)
            : text(x - 8, y + 4, 'small end', beside.words),
        ]),
  );
}
