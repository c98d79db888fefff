import { groupBy } from '../../group.ts';
import type { MatrixDiff, MatrixDocument } from '../documents/matrix.ts';
import { escaped, tableOf } from './words.ts';

type Cell = MatrixDocument['cells'][number];

/** The truth table of binds, one table for each case of addresses. */
export function matrixMarkdown(document: MatrixDocument | MatrixDiff): string[] {
  if ('differences' in document) return diff(document);
  const cases = [...groupBy(document.cells, ({ addresses }) => addresses.name)];
  return [
    `# Which bind succeeds (Linux ${escaped(document.environment.kernel)})`,
    '',
    '✔ bind and listen succeed, l bind succeeds and listen fails, · bind fails. Columns: options of the old socket, then of the new one; addr is SO_REUSEADDR, port is SO_REUSEPORT.',
    '',
    ...cases.flatMap(([, cells]) => oneCase(cells)),
  ];
}

function oneCase(cells: readonly Cell[]): string[] {
  const [first] = cells;
  // Stryker disable next-line ConditionalExpression,ArrayDeclaration: a case has cells
  if (first === undefined) return [];
  const { name, old, new: to } = first.addresses;
  const columns = [...new Set(cells.map((cell) => `${cell.old} ${cell.new}`))];
  const rows = [...groupBy(cells, ({ remains }) => remains)].map(([remains, own]) => [
    escaped(remains),
    ...columns.map((column) => {
      const cell = own.find((one) => `${one.old} ${one.new}` === column);
      return cell === undefined ? '' : signOf(cell);
    }),
  ]);
  const titles = columns.map((column) => column.replace(' ', ' → '));
  return [
    `## ${escaped(name)}: ${escaped(to)} over ${escaped(old)}`,
    '',
    ...tableOf(['remains', ...titles], rows),
  ];
}

function signOf({ bind, listen }: Cell): string {
  if (bind !== 'ok') return '·';
  return listen === 'ok' ? '✔' : 'l';
}

function diff({ before, now, differences }: MatrixDiff): string[] {
  return [
    `# ${differences.length} cells differ`,
    '',
    ...tableOf(
      ['cell', `Linux ${escaped(before.kernel)} before`, `Linux ${escaped(now.kernel)} now`],
      differences.map(({ cell, before, now }) => [escaped(cell), escaped(before), escaped(now)]),
    ),
  ];
}
