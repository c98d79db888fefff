import { type Child, h, wide } from './dom.ts';
import { fitting, layOut } from './fit.ts';

interface Column<Row> {
  readonly title: string;
  readonly kind?: 'number' | 'code' | 'words';
  cell(row: Row, index: number): Child;
}

/** The number of rows at first; a button shows the others, and paper shows all of them. */
const first = 200;

/** A table of what a picture shows. `keyOf` names the row, so that the picture can find it. */
export function table<Row>(
  caption: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  keyOf?: (row: Row, index: number) => string,
): HTMLElement {
  const body = h('tbody', { role: 'rowgroup' });
  let shown = 0;
  const more = (until: number) => {
    const added = rows.slice(shown, until).map((row, i) => {
      const key = keyOf?.(row, shown + i) ?? null;
      return h(
        'tr',
        { role: 'row', 'data-row': key, id: key === null ? null : rowId(key) },
        ...columns.map(({ title, kind, cell }) =>
          h('td', { role: 'cell', class: kind ?? null, 'data-title': title }, cell(row, shown + i)),
        ),
      );
    });
    body.append(...added);
    shown = Math.min(until, rows.length);
  };
  more(first);
  const head = h(
    'thead',
    { role: 'rowgroup' },
    h(
      'tr',
      { role: 'row' },
      ...columns.map(({ title, kind }) =>
        h('th', { role: 'columnheader', scope: 'col', class: kind ?? null }, title),
      ),
    ),
  );
  const whole = fitting(wide(caption, h('table', { role: 'table' }, h('caption', {}, caption), head, body)));
  if (shown >= rows.length) return whole;
  const rest = () => {
    more(rows.length);
    button.remove();
    layOut(whole);
  };
  const button = h('button', { type: 'button', click: rest }, `Show all ${rows.length} rows`);
  window.addEventListener('beforeprint', rest);
  return h('div', {}, whole, button);
}

export function rowId(key: string): string {
  return `row-${key.replaceAll(':', '-')}`;
}
