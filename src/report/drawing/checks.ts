import type { RunDocument } from '../documents/run.ts';
import type { Axis } from './axis.ts';
import { type PlacedSign, placeSigns, wordsBeside } from './beside.ts';
import { bindsOf, observedWords } from './collect.ts';
import { box, cross, type Drawn, draw, item } from './drawn.ts';
import { type Gutter, rowName } from './gutter.ts';
import type { Band } from './parts.ts';
import { moment } from './words.ts';

const rowHeight = 18;

type Check = RunDocument['checks'][number];

/** Each check at its time. */
export function checks(run: RunDocument, axis: Axis, gutter: Gutter): Band {
  const all = run.checks.map((check, index) => ({ check, index, atMs: check.atMs, words: wordsOf(check) }));
  return rowsOf('checks', all, axis, gutter, ({ check, index, words }, place, y) => {
    const { atMs, verdict, title } = check;
    const agrees = verdict === 'as expected';
    return item(
      `check:${index}`,
      `Check at ${moment(atMs)}, ${verdict}: ${title}: ${observedWords(check)}`,
      agrees ? 'check good' : 'check bad',
      box(place.x - 7, y - 9, 14, 18, 'reach'),
      agrees
        ? draw('path', { d: `M${place.x.toFixed(1)} ${y}m-4 0l3 4l5.5 -8`, class: 'mark' })
        : cross(place.x, y, 4, 'mark'),
      ...wordsBeside(place, y, words),
    );
  });
}

/** The processes that only tried to bind. Most of them failed and ended. */
export function binds(run: RunDocument, axis: Axis, gutter: Gutter): Band {
  const all = bindsOf(run).map((bind) => ({ ...bind, atMs: bind.check.atMs, words: bind.result }));
  return rowsOf('binds tried', all, axis, gutter, ({ check, index, result, failed }, place, y) =>
    item(
      `bind:${index}`,
      `Bind tried, seen at ${moment(check.atMs)}: ${check.title}: ${failed ? `failed with ${result}` : result}`,
      'bind',
      box(place.x - 7, y - 9, 14, 18, 'reach'),
      failed ? cross(place.x, y, 4.5, 'killed') : draw('circle', { cx: place.x, cy: y, r: 4, class: 'born' }),
      ...wordsBeside(place, y, result),
    ),
  );
}

/** No row for a run without signs; at least one row for a run that has signs at other times. */
function rowsOf<Sign extends { readonly atMs: number; readonly words: string }>(
  name: string,
  all: readonly Sign[],
  axis: Axis,
  gutter: Gutter,
  drawSign: (sign: Sign, place: PlacedSign, y: number) => Drawn,
): Band {
  if (all.length === 0) return { height: 0, drawn: [] };
  const signs = all.filter(({ atMs }) => atMs >= axis.from && atMs <= axis.to);
  const { placed, rows } = placeSigns(signs, axis);
  const drawn = signs.flatMap((sign, i) => {
    const place = placed[i];
    return place === undefined ? [] : [drawSign(sign, place, gutter.above + 12 + place.row * rowHeight)];
  });
  return {
    height: gutter.above + 12 + rows * rowHeight,
    drawn: [rowName(gutter, 16, 12, name), ...drawn],
  };
}

/** The word that shows at a glance that the new server accepted. */
function wordsOf({ observed }: Check): string {
  return /^accepted\b/.test(observed) ? 'accepts' : '';
}
