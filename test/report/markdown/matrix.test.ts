import { describe, expect, test } from 'vitest';
import type { MatrixDocument } from '../../../src/report/documents/matrix.ts';
import { matrixMarkdown } from '../../../src/report/markdown/matrix.ts';
import { saved } from '../saved.ts';

describe('the table of binds in Markdown', () => {
  const document = saved<MatrixDocument>('matrix');
  const [cell] = document.cells as [MatrixDocument['cells'][number]];
  const of = (...cells: readonly object[]) =>
    matrixMarkdown({ ...document, cells: cells.map((one) => ({ ...cell, ...one })) } as MatrixDocument);

  test('has a mark for each result of bind and listen, and no mark for what was not measured', () => {
    const lines = of(
      { remains: 'A', old: 'none', new: 'addr', bind: 'ok', listen: 'ok' },
      { remains: 'A', old: 'addr', new: 'addr', bind: 'ok', listen: 'EADDRINUSE' },
      { remains: 'B', old: 'none', new: 'addr', bind: 'EADDRINUSE', listen: null },
    );
    const { name, old, new: to } = cell.addresses;
    expect(lines.slice(4)).toEqual([
      `## ${name}: ${to} over ${old}`,
      '',
      '| remains | none → addr | addr → addr |',
      '| --- | --- | --- |',
      '| A | ✔ | l |',
      '| B | · |  |',
      '',
    ]);
    expect(lines[0]).toBe(`# Which bind succeeds (Linux ${document.environment.kernel})`);
  });

  test('has the cells that differ between two kernels', () => {
    const kernels = { before: { kernel: '5.10' }, now: { kernel: '6.18' } };
    const differences = [{ cell: 'a|b', before: 'ok', now: 'EACCES' }];
    expect(matrixMarkdown({ ...kernels, differences } as never)).toEqual([
      '# 1 cells differ',
      '',
      '| cell | Linux 5.10 before | Linux 6.18 now |',
      '| --- | --- | --- |',
      '| a\\|b | ok | EACCES |',
      '',
    ]);
  });
});
