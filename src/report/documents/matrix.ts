import * as v from 'valibot';
import { remainsNames } from '../../matrix/cells.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const options = v.picklist(['none', 'addr', 'port', 'both']);

const environment = v.object({
  kernel: v.string(),
  arch: v.string(),
  node: v.string(),
  user: v.number(),
});

/** What `tcpclose matrix --json` prints, and --diff reads. */
export const matrixDocument = v.object({
  schemaVersion,
  environment,
  cells: v.array(
    v.object({
      remains: v.picklist(remainsNames),
      old: options,
      new: options,
      addresses: v.object({
        name: v.string(),
        old: v.string(),
        new: v.string(),
        peer: v.string(),
        oldV6Only: v.boolean(),
        newV6Only: v.boolean(),
      }),
      observedState: v.string(),
      bind: v.pipe(v.string(), v.description('ok, or errno')),
      listen: v.pipe(v.nullable(v.string()), v.description('ok, or errno; null if bind failed')),
    }),
  ),
});

export type MatrixDocument = DocumentOf<typeof matrixDocument>;

/** What `tcpclose matrix --diff <file> --json` prints. */
export const matrixDiff = v.object({
  schemaVersion,
  before: environment,
  now: environment,
  differences: v.pipe(
    v.array(v.object({ cell: v.string(), before: v.string(), now: v.string() })),
    v.description('the cells that came out otherwise, or were measured once'),
  ),
});

export type MatrixDiff = DocumentOf<typeof matrixDiff>;

export const matrixDocuments = v.union([matrixDocument, matrixDiff]);

type Cell = MatrixDocument['cells'][number];

/** The cells that differ, or that only one document has. */
export function matrixDiffOf(before: MatrixDocument, now: MatrixDocument): MatrixDiff {
  const was = new Map(before.cells.map((cell) => [cellName(cell), resultOf(cell)]));
  const is = new Map(now.cells.map((cell) => [cellName(cell), resultOf(cell)]));
  const differences = [...new Set([...is.keys(), ...was.keys()])]
    .map((cell) => ({
      ...{ cell, before: was.get(cell) ?? 'not measured', now: is.get(cell) ?? 'not measured' },
    }))
    .filter(({ before, now }) => before !== now);
  return { schemaVersion: 1, before: before.environment, now: now.environment, differences };
}

export function cellName({ remains, old, new: to, addresses }: Cell): string {
  return `${remains}, old ${old}, new ${to}, ${addresses.name}`;
}

export function resultOf({ bind, listen }: Cell): string {
  return bind === 'ok' ? `bind ok, listen ${listen}` : `bind ${bind}`;
}
