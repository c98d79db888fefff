import { expect, test } from 'vitest';
import { columns, hang, wrap } from '../../src/report/text.ts';
import { chop, cut, padColumns, widthOf } from '../../src/report/width.ts';

test.each([
  ['', 0],
  ['node', 4],
  ['│ ✔ — … →', 9],
  ['café', 4],
  ['cafe\u0301', 4],
  ['服务器', 6],
  ['サーバー', 8],
  ['서버', 4],
  ['🚀', 2],
  ['ｘ', 2],
])('"%s" takes %d columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
  expect(padColumns(text, 12)).toBe(text + ' '.repeat(12 - width));
});

test('no line is wider than it may be, and nothing is lost', () => {
  const text = 'the server 服务器进程 🚀🚀🚀 listens on 127.0.0.1';
  for (const width of [8, 9, 10, 17]) {
    const lines = wrap(text, width);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  }
});

test('a mark stays with its letter, and a character wider than the line has one of its own', () => {
  expect(chop('ae\u0301o', 2)).toEqual(['ae\u0301', 'o']);
  expect(chop('a服b', 1)).toEqual(['a', '服', 'b']);
  expect(chop('', 3)).toEqual(['']);
});

test('text beside or below a wide text is aligned', () => {
  expect(
    columns([
      { text: '服务器', width: 8 },
      { text: 'ESTABLISHED', width: 12 },
    ]),
  ).toEqual(['服务器  ESTABLISHED']);
  expect(hang('服务器 ', 'one two', 10)).toEqual(['服务器 one', '       two']);
});

test('a line is cut at the edge of the terminal, and keeps its colours', () => {
  const line = '\u001b[1m服务器\u001b[22m node\u001b[2m!\u001b[22m';
  expect(cut(line, 6)).toBe('\u001b[1m服务器\u001b[22m\u001b[2m\u001b[22m');
  expect(cut(line, 5)).toBe('\u001b[1m服务\u001b[22m\u001b[2m\u001b[22m');
  expect(cut(line, 12)).toBe(line);
});
