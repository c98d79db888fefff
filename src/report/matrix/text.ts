import { pageWidth } from '../columns.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

/** A cell as the table shows it. */
export interface TableCell {
  readonly remains: string;
  readonly old: string;
  readonly new: string;
  readonly addresses: { readonly name: string; readonly old: string; readonly new: string };
  readonly bind: string;
  readonly listen: string | null;
}

const nameWidth = 22;

/** A group is set apart from the next one as far as there is room. */
function groupWidth(): number {
  return pageWidth() < 70 ? 9 : 12;
}

/**
 * The table for a terminal: a line for what remains, a group for the options of the old socket, a letter for those of the
 * new one. Cases of addresses that come out alike are shown once.
 */
export function matrixText(cells: readonly TableCell[], paint: Paint): string[] {
  const olds = distinct(cells.map(({ old }) => old));
  const news = distinct(cells.map((cell) => cell.new));
  const bodies = new Map<string, TableCell['addresses'][]>();
  for (const addresses of distinctBy(
    cells.map((cell) => cell.addresses),
    ({ name }) => name,
  )) {
    const body = bodyOf(
      cells.filter((cell) => cell.addresses.name === addresses.name),
      olds,
      news,
    ).join('\n');
    bodies.set(body, [...(bodies.get(body) ?? []), addresses]);
  }
  const heads = [
    ' '.repeat(nameWidth) +
      olds
        .map((old) => `old ${old}`.padEnd(groupWidth()))
        .join('')
        .trimEnd(),
    ' '.repeat(nameWidth) +
      olds
        .map(() => news.map(letterOf).join(' ').padEnd(groupWidth()))
        .join('')
        .trimEnd(),
  ];
  const legend = `columns: the new socket has ${news.map((name) => `${letterOf(name)} ${name}`).join(', ')}`;
  return [
    ...hang(
      '',
      `${marks.ok} bind and listen succeed, ${marks.listen} bind succeeds and listen fails, ${marks.bind} bind fails`,
    ).map(paint.faint),
    ...hang('', legend).map(paint.faint),
    ...[...bodies].flatMap(([body, cases]) => [
      '',
      ...cases.map(({ name, old, new: to }) => paint.title(`${name}: ${to} over ${old}`)),
      ...heads.map(paint.faint),
      ...body.split('\n'),
    ]),
  ];
}

const marks = { ok: '✔', listen: 'l', bind: '·' };

function bodyOf(cells: readonly TableCell[], olds: readonly string[], news: readonly string[]): string[] {
  return distinct(cells.map(({ remains }) => remains)).map((remains) => {
    const groups = olds.map((old) => {
      const group = news.map((name) => {
        const cell = cells.find((cell) => cell.remains === remains && cell.old === old && cell.new === name);
        return cell === undefined ? ' ' : markOf(cell);
      });
      return group.join(' ').padEnd(groupWidth());
    });
    return remains.padEnd(nameWidth) + groups.join('').trimEnd();
  });
}

function markOf({ bind, listen }: TableCell): string {
  if (bind !== 'ok') return marks.bind;
  return listen === 'ok' ? marks.ok : marks.listen;
}

function letterOf(name: string): string {
  return name === 'none' ? '-' : (name[0] ?? '');
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function distinctBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
