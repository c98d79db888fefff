import { h } from '../dom.ts';

/** A row for each remainder, and below the options of the old socket a column for each of the new one. */
export function matrixTable(
  olds: readonly string[],
  news: readonly string[],
  rows: readonly string[],
  cellAt: (remains: string, old: string, to: string) => HTMLElement | null,
): readonly HTMLElement[] {
  const head = h(
    'thead',
    {},
    h(
      'tr',
      {},
      h('th', { scope: 'col', rowspan: 2 }, 'what remains'),
      ...olds.map((old) => h('th', { scope: 'colgroup', colspan: news.length }, `old: ${old}`)),
    ),
    h('tr', {}, ...olds.flatMap(() => news.map((to) => h('th', { scope: 'col', class: 'new' }, to)))),
  );
  const body = rows.map((remains) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, remains),
      ...olds.flatMap((old) => news.map((to) => h('td', {}, cellAt(remains, old, to)))),
    ),
  );
  return [head, h('tbody', {}, ...body)];
}
