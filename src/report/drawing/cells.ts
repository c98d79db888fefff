import { groupBy } from '../../group.ts';
import { type MatrixDiff, type MatrixDocument, resultOf } from '../documents/matrix.ts';
import { box, cross, type Drawn, draw, svg, text, widthOf } from './drawn.ts';

type Cell = MatrixDocument['cells'][number];

const size = { width: 26, height: 20, gap: 18, names: 152 };
const margin = 14;
const lineHeight = 17;
const small = 12;

const optionWords: Readonly<Record<Cell['old'], { readonly letter: string; readonly words: string }>> = {
  none: { letter: '-', words: 'neither' },
  addr: { letter: 'a', words: 'SO_REUSEADDR' },
  port: { letter: 'p', words: 'SO_REUSEPORT' },
  both: { letter: 'b', words: 'both' },
};

/** Part of the picture, which begins at the given y. */
interface Part {
  readonly height: number;
  drawn(y: number): readonly Drawn[];
}

/** The truth table of binds as a picture of cells. Cases of addresses with the same results are drawn once. */
export function cells({ cells, environment }: MatrixDocument): Drawn {
  const cases = [...groupBy(cells, ({ addresses }) => addresses.name).values()];
  const alike = groupBy(cases, (own) =>
    own.map((cell) => `${cell.remains} ${columnOf(cell)} ${resultOf(cell)}`).join('\n'),
  );
  const head = `bind on Linux ${environment.kernel}: ${cells.length} cells measured`;
  return picture([
    lines([head], 'title'),
    legend,
    lines([
      'Each column is one pair of sockets: the options of the old one, and below it those of the new one:',
    ]),
    lines([
      distinct(cells.map((cell) => cell.new))
        .map(columnWords)
        .join(', '),
    ]),
    ...[...alike.values()].map((cases) => block(cases)),
  ]);
}

/** The cells that differ, as lines. */
export function differingCells({ before, now, differences }: MatrixDiff): Drawn {
  return picture([
    lines([`${differences.length} cells differ: Linux ${before.kernel} before, ${now.kernel} now`], 'title'),
    ...differences.map(({ cell, before, now }) => lines([`${cell}: ${before} before, ${now} now`])),
  ]);
}

function picture(parts: readonly Part[]): Drawn {
  let height = margin;
  const drawn = parts.flatMap((part) => {
    const y = height;
    height += part.height;
    return part.drawn(y);
  });
  const right = Math.max(...drawn.map(rightOf)) + margin;
  const size = { width: Math.ceil(right), height: Math.ceil(height + margin) };
  return svg({ ...size, class: 'chart cells' }, ...drawn);
}

function lines(content: readonly string[], className = 'small'): Part {
  return {
    height: content.length * lineHeight,
    drawn: (y) => content.map((words, i) => text(margin, y + i * lineHeight + small, className, words)),
  };
}

const legend: Part = {
  height: 34,
  drawn(y) {
    const signs = [
      ['ok', 'bind and listen succeed'],
      ['listen', 'bind succeeds, listen fails'],
      ['bind', 'bind fails'],
    ] as const;
    let x = margin;
    return signs.flatMap(([kind, words]) => {
      const from = x;
      x += size.width + 8 + widthOf(words, small) + 22;
      return [sign(kind, from, y + 6), text(from + size.width + 8, y + 20, 'small', words)];
    });
  },
};

/** Cases of addresses whose cells are all alike. One row is enough if all remainders have the same results. */
function block(cases: readonly (readonly Cell[])[]): Part {
  const [own = []] = cases;
  const titles = cases.flatMap(([first]) => (first === undefined ? [] : [titleOf(first)]));
  const rows = [...groupBy(own, ({ remains }) => remains)];
  const isUniform =
    new Set(rows.map(([, row]) => row.map((cell) => columnOf(cell) + resultOf(cell)).join())).size === 1;
  const shown =
    isUniform && rows.length > 1
      ? rows.slice(0, 1).map(([, row]) => [`any of the ${rows.length}`, row] as const)
      : rows;
  const columns = placesOf(own);
  const top = 16 + titles.length * lineHeight;
  const headHeight = 40;
  return {
    height: top + headHeight + shown.length * size.height,
    drawn: (y) => [
      ...lines(titles, 'small strong').drawn(y + 16),
      ...heading(own, columns, y + top),
      ...shown.flatMap(([remains, row], i) => {
        const rowY = y + top + headHeight + i * size.height;
        return [
          text(margin + size.names - 10, rowY + 14, 'small end', remains),
          ...row.map((cell) => drawCell(cell, columns.get(columnOf(cell)) ?? 0, rowY)),
        ];
      }),
    ],
  };
}

/** Where the column of each pair of options begins. */
function placesOf(own: readonly Cell[]): ReadonlyMap<string, number> {
  const news = distinct(own.map((cell) => cell.new));
  const groupWidth = news.length * size.width + size.gap;
  return new Map(
    distinct(own.map(({ old }) => old)).flatMap((old, i) =>
      news.map((to, j) => [`${old} ${to}`, margin + size.names + i * groupWidth + j * size.width] as const),
    ),
  );
}

function heading(own: readonly Cell[], columns: ReadonlyMap<string, number>, y: number): Drawn[] {
  const news = distinct(own.map((cell) => cell.new));
  const x = (old: string, to: string | undefined) => columns.get(`${old} ${to}`) ?? 0;
  return [
    text(margin + size.names - 10, y + 14, 'small faint end', 'old socket'),
    text(margin + size.names - 10, y + 33, 'small faint end', 'new socket'),
    ...distinct(own.map(({ old }) => old)).flatMap((old) => [
      text(x(old, news[0]), y + 14, 'small', optionWords[old].words),
      ...news.map((to) =>
        text(x(old, to) + size.width / 2 - 1, y + 33, 'small middle', optionWords[to].letter),
      ),
    ]),
  ];
}

function drawCell(cell: Cell, x: number, y: number): Drawn {
  const words = `${cell.remains}, old ${optionWords[cell.old].words}, new ${optionWords[cell.new].words}: ${resultOf(cell)}`;
  const { attributes, children, tag } = sign(kindOf(cell), x, y);
  return draw(tag, attributes, draw('title', {}, words), ...children);
}

type Kind = 'ok' | 'listen' | 'bind';

/** A shape for each result, so that none depends on colour alone. */
function sign(kind: Kind, x: number, y: number): Drawn {
  const [width, height] = [size.width - 2, size.height - 2];
  const [cx, cy] = [x + width / 2, y + height / 2];
  const shape = {
    ok: draw('path', { d: `M${cx - 5} ${cy}L${cx - 1.5} ${cy + 4}L${cx + 5} ${cy - 4.5}`, class: 'mark' }),
    listen: draw('path', { d: `M${x} ${y + height}L${x + width} ${y}`, class: 'mark' }),
    bind: cross(cx, cy, 3, 'mark'),
  }[kind];
  return draw('g', { class: `cell ${kind}` }, box(x, y, width, height, 'fill'), shape);
}

function kindOf({ bind, listen }: Cell): Kind {
  if (bind !== 'ok') return 'bind';
  return listen === 'ok' ? 'ok' : 'listen';
}

function columnOf(cell: Cell): string {
  return `${cell.old} ${cell.new}`;
}

function columnWords(name: Cell['new']): string {
  return `${optionWords[name].letter} ${optionWords[name].words}`;
}

function titleOf({ addresses: { name, old, new: to } }: Cell): string {
  return `${name}: ${to} over ${old}`;
}

function rightOf({ tag, attributes, children }: Drawn): number {
  const x = Number(attributes['x'] ?? 0);
  const [content] = children;
  if (tag === 'rect') return x + Number(attributes['width'] ?? 0);
  if (tag === 'text') return attributes['class']?.includes('end') ? x : x + widthOf(String(content), small);
  return Math.max(0, ...children.map((child) => (typeof child === 'string' ? 0 : rightOf(child))));
}

function distinct<Value extends string>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
