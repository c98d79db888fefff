import { describe, expect, test } from 'vitest';
import type { MatrixDocument } from '../../../src/report/documents/matrix.ts';
import { matrixDiffOf } from '../../../src/report/documents/matrix.ts';
import { matrixCases } from '../../../src/report/matrix/cases.ts';
import { saved } from '../saved.ts';

describe('matrix', () => {
  const document = saved<MatrixDocument>('matrix');
  const [first] = document.cells as [MatrixDocument['cells'][number]];

  test('has the results of bind and listen for each cell, and its difference from a saved table', () => {
    const { cells } = document;
    const plainCases = matrixCases(cells, undefined);
    expect(plainCases).toHaveLength(cells.length);
    expect(plainCases[0]).toMatchObject({
      ...{ suite: first.addresses.name, className: 'tcpclose.matrix', durationMs: null, warnings: [] },
      ...{ result: { state: 'passed', remark: null }, facts: { bind: first.bind, listen: first.listen } },
    });
    expect(plainCases[0]?.name).toBe(plainCases[0]?.title);
    const before = {
      ...document,
      cells: cells.map((cell, i) => (i === 0 ? { ...cell, bind: 'EACCES' } : cell)),
    };
    const diff = matrixDiffOf(before as MatrixDocument, document);
    const compared = matrixCases(cells, diff);
    expect(compared.filter(({ facts }) => 'differs' in facts)).toEqual([
      {
        ...plainCases[0],
        facts: { ...plainCases[0]?.facts, differs: expect.stringMatching(/EACCES.* before, .* now/) },
      },
    ]);
    expect(compared).toHaveLength(cells.length);
    // Of one that was not measured this time only the name is known.
    const gone = matrixCases(cells.slice(1), diff);
    expect(gone).toHaveLength(cells.length);
    expect(gone.at(-1)).toMatchObject({
      ...{ suite: 'not measured', title: plainCases[0]?.title },
      facts: { bind: null, listen: null, differs: expect.any(String) },
    });
  });
});
