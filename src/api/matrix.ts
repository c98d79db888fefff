import { arch, release } from 'node:os';
import * as v from 'valibot';
import { UsageError } from '../errors.ts';
import { addressCases, cellGroups, needsIPv6 } from '../matrix/cells.ts';
import { measureMatrix } from '../matrix/measure.ts';
import {
  type MatrixDiff,
  type MatrixDocument,
  matrixDiffOf,
  matrixDocument,
} from '../report/documents/matrix.ts';
import { whyUnmet } from '../scenario/needs.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';

/** Progress: how many cells are measured, and how many there are. */
export interface MatrixEvent {
  readonly type: 'measured';
  readonly cells: number;
  readonly of: number;
}

export type MatrixOptions = Following<MatrixEvent>;

export async function matrix(options: MatrixOptions = {}): Promise<MatrixDocument> {
  requireProcesses();
  const withoutIPv6 = await whyUnmet('IPv6');
  const cases = addressCases.filter((addresses) => withoutIPv6 === null || !needsIPv6(addresses));
  const { onEvent } = options;
  const cells = await measureMatrix(cellGroups(cases), signalOf(options), (event) =>
    onEvent?.({ type: 'measured', ...event }),
  );
  return { schemaVersion: 1, environment: environment(), cells };
}

function environment(): MatrixDocument['environment'] {
  return { kernel: release(), arch: arch(), node: process.versions.node, user: process.getuid?.() ?? -1 };
}

export function matrixDiff(before: MatrixDocument, now: MatrixDocument): MatrixDiff {
  for (const document of [before, now]) {
    if (v.is(matrixDocument, document)) continue;
    throw new UsageError(
      'bad-argument',
      'that is not the document of a matrix: give two that matrix() returned',
    );
  }
  return matrixDiffOf(before, now);
}
