import { h, wide } from './dom.ts';

type Cell = string | Node | null;

export interface Column<Row> {
  readonly title: string;
  readonly kind?: 'number' | 'code' | 'words';
  cell(row: Row, index: number): Cell;
}

/** As many rows at first; the others at a press of a button, or on paper. */
const first = 200;

/** A table of what a picture shows. `keyOf` names the row, so that it can be found from the picture. */
export function table<Row>(
  caption: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  keyOf?: (row: Row, index: number) => string,
): HTMLElement {
  const body = h('tbody', {});
  let shown = 0;
  const more = (until: number) => {
    const added = rows.slice(shown, until).map((row, i) => {
      const key = keyOf?.(row, shown + i) ?? null;
      return h(
        'tr',
        key === null ? {} : { 'data-row': key, id: rowId(key) },
        ...columns.map(({ kind, cell }) => h('td', { class: kind ?? null }, cell(row, shown + i))),
      );
    });
    body.append(...added);
    shown = Math.min(until, rows.length);
  };
  more(first);
  const head = h(
    'thead',
    {},
    h('tr', {}, ...columns.map(({ title, kind }) => h('th', { scope: 'col', class: kind ?? null }, title))),
  );
  const whole = wide(caption, h('table', {}, h('caption', {}, caption), head, body));
  if (shown >= rows.length) return whole;
  const rest = () => {
    more(rows.length);
    button.remove();
  };
  const button = h('button', { type: 'button', click: rest }, `Show all ${rows.length} rows`);
  window.addEventListener('beforeprint', rest);
  return h('div', {}, whole, button);
}

export function rowId(key: string): string {
  return `row-${key.replaceAll(':', '-')}`;
}
