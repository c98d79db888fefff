import { groupBy } from '../../group.ts';
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

/** A group is separated from the next one if there is room. */
function groupWidth(): number {
  return pageWidth() < 70 ? 9 : 12;
}

/**
 * The table for a terminal: a line for what remains, a group for the options of the old socket, a letter for those of the new one. Cases of
 * addresses with the same results are shown once.
 */
export function matrixText(cells: readonly TableCell[], paint: Paint): string[] {
  const olds = distinct(cells.map(({ old }) => old));
  const news = distinct(cells.map((cell) => cell.new));
  const cases = [...groupBy(cells, ({ addresses }) => addresses.name).values()];
  const bodies = groupBy(cases, (own) => bodyOf(own, olds, news).join('\n'));
  const heads = [olds.map((old) => `old ${old}`), olds.map(() => news.map(letterOf).join(' '))];
  const legend = `columns: the new socket has ${news.map((name) => `${letterOf(name)} ${name}`).join(', ')}`;
  return [
    ...hang(
      '',
      `${marks.ok} bind and listen succeed, ${marks.listen} bind succeeds and listen fails, ${marks.bind} bind fails`,
    ).map(paint.faint),
    ...hang('', legend).map(paint.faint),
    paint.faint('addr is SO_REUSEADDR, port is SO_REUSEPORT'),
    ...[...bodies].flatMap(([body, alike]) => [
      '',
      ...alike.flatMap(([first]) => (first === undefined ? [] : paint.title(titleOf(first)))),
      ...heads.map((groups) => paint.faint(lineOf('', groups))),
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
      return group.join(' ');
    });
    return lineOf(remains, groups);
  });
}

function titleOf({ addresses: { name, old, new: to } }: TableCell): string {
  return `${name}: ${to} over ${old}`;
}

function lineOf(name: string, groups: readonly string[]): string {
  const width = groupWidth();
  return [name.padEnd(nameWidth), ...groups.map((group) => group.padEnd(width))].join('').trimEnd();
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
