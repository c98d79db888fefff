import type { MatrixDocument } from '../../documents/matrix.ts';

export type Cell = MatrixDocument['cells'][number];

export const optionWords: Readonly<Record<string, string>> = {
  none: 'neither option',
  addr: 'SO_REUSEADDR',
  port: 'SO_REUSEPORT',
  both: 'SO_REUSEADDR and SO_REUSEPORT',
};

export function nameOf({ remains, old, new: to, addresses }: Cell): string {
  return `${remains}, old ${old}, new ${to}, ${addresses.name}`;
}

export function resultOf(cell: Cell | undefined): string {
  if (cell === undefined) return 'not measured';
  if (cell.bind !== 'ok') return `bind ${cell.bind}`;
  return cell.listen === 'ok' ? 'bind and listen succeed' : `bind succeeds, listen ${cell.listen}`;
}

export function signOf(cell: Cell | undefined): readonly [string, string] {
  if (cell === undefined) return ['none', '?'];
  if (cell.bind !== 'ok') return ['bind', '·'];
  return cell.listen === 'ok' ? ['ok', '✔'] : ['listen', 'l'];
}
