import type { Case } from '../ci.ts';
import { cellName, type MatrixDiff, type MatrixDocument } from '../documents/matrix.ts';

type Cell = MatrixDocument['cells'][number];

/** A case for each cell. It passes with any result of bind; a cell that differs from a saved table says so. */
export function matrixCases(cells: readonly Cell[], diff: MatrixDiff | undefined): Case[] {
  const differences = new Map(diff?.differences.map((difference) => [difference.cell, difference]));
  const measured = cells.map((cell) => caseOf(cell.addresses.name, cellName(cell), cell));
  const names = new Set(measured.map(({ title }) => title));
  const gone = [...differences.keys()].filter((name) => !names.has(name));
  return [...measured, ...gone.map((name) => caseOf('not measured', name, undefined))].map((one) => {
    const difference = differences.get(one.title);
    if (difference === undefined) return one;
    const { before, now } = difference;
    return {
      ...one,
      facts: { ...one.facts, differs: `${before} before, ${now} now` },
    };
  });
}

function caseOf(suite: string, name: string, cell: Cell | undefined): Case {
  return {
    ...{ suite, className: 'tcpclose.matrix', name, title: name },
    durationMs: null,
    result: { state: 'passed', remark: null },
    facts: { bind: cell?.bind ?? null, listen: cell?.listen ?? null },
    warnings: [],
  };
}
