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
    const bind = bindResult(check);
    const wanted = bind === null ? '' : `bind ${bind}`;
    const free = taken.findIndex((end) => end < x - 9);
    const row = free === -1 ? taken.indexOf(Math.min(...taken)) : free;
    const words = free >= 0 && x + 10 + widthOf(wanted, size) < axis.right + 16 ? wanted : '';
    taken[row] = x + 9 + widthOf(words, size);
    const y = 12 + row * 18;
    return [drawCheck(check, i, x, y, words)];
  });
  if (checks.length === 0) return { height: 0, drawn: [] };
  const rows = taken.filter((end) => end > Number.NEGATIVE_INFINITY).length;
  return { height: 12 + rows * 18, drawn: [text(left - 8, 16, 'small end', 'checks'), ...drawn] };
}

function drawCheck(
  { atMs, verdict, title, observed }: RunDocument['checks'][number],
  index: number,
  x: number,
  y: number,
  words: string,
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
    ...(words === '' ? [] : [text(x + 8, y + 4, 'small', words)]),
  );
}
