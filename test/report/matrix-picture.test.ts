import { readFileSync } from 'node:fs';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { type MatrixDocument, matrixDiffOf } from '../../src/report/documents/matrix.ts';
import { cells } from '../../src/report/drawing/cells.ts';
import { svgText } from '../../src/report/drawing/svg-text.ts';
import { matrixKind } from '../../src/report/kinds/matrix.ts';

const saved: MatrixDocument = JSON.parse(readFileSync('test/report/saved/matrix.json', 'utf8'));
const words = { none: 'neither', addr: 'SO_REUSEADDR', port: 'SO_REUSEPORT', both: 'both' };

function resultsOf(svg: string): string[] {
  return [...svg.matchAll(/<g class="cell \w+"><title>([^<]*)<\/title>/g)].map(([, title = '']) => title);
}

function titleOf({ remains, old, new: to, bind, listen }: MatrixDocument['cells'][number]): string {
  const result = bind === 'ok' ? `bind ok, listen ${listen}` : `bind ${bind}`;
  return `${remains}, old ${words[old]}, new ${words[to]}: ${result}`;
}

describe('the picture of the table of binds', () => {
  const own = saved.cells.filter(({ addresses }) => addresses.name === 'same');
  const same = { ...saved, cells: own };

  test('has a cell for each that was measured, and its shape says what came of it', () => {
    const svg = svgText(cells(same));
    expect(resultsOf(svg).sort()).toEqual(own.map(titleOf).sort());
    const drawn = (kind: string) =>
      svg.match(new RegExp(`<g class="cell ${kind}"><title>`, 'g'))?.length ?? 0;
    expect(drawn('bind')).toBe(own.filter(({ bind }) => bind !== 'ok').length);
    expect(drawn('ok')).toBe(own.filter(({ listen }) => listen === 'ok').length);
    expect(drawn('listen')).toBe(own.filter(({ bind, listen }) => bind === 'ok' && listen !== 'ok').length);
  });

  test('draws cases of addresses once if all of their cells are alike, and separately if one differs', () => {
    const twin = own.map((cell) => ({ ...cell, addresses: { ...cell.addresses, name: 'twin' } }));
    const alike = { ...saved, cells: [...own, ...twin] };
    expect(resultsOf(svgText(cells(alike)))).toHaveLength(own.length);
    const [first, ...others] = twin;
    const other = { ...saved, cells: [...own, { ...first, bind: 'EACCES', listen: null }, ...others] };
    const results = resultsOf(svgText(cells(other as MatrixDocument)));
    expect(results).toHaveLength(own.length * 2);
    expect(results.filter((result) => result.endsWith('bind EACCES'))).toHaveLength(1);
  });

  test('is a file, of two tables that differ as well', () => {
    const changed = {
      ...saved,
      cells: saved.cells.map((cell, i) => (i === 0 ? { ...cell, bind: '<b>' } : cell)),
    };
    const diff = matrixDiffOf(saved, changed);
    const svg = matrixKind.svg?.(diff) ?? '';
    expect(new XMLParser().parse(svg)).toHaveProperty('svg.title');
    expect(svg).toContain('1 cells differ');
    expect(svg).toContain('bind &lt;b&gt; now');
    expect(new XMLParser().parse(matrixKind.svg?.(saved) ?? '')).toHaveProperty('svg.title');
  });
});
