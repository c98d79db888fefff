import { expect, test } from 'vitest';
import { blocksOf, codeIn } from '../../src/prose.ts';
import { paragraphs } from '../../src/report/markdown/words.ts';
import { hang } from '../../src/report/text.ts';

const code = ["process.once('SIGTERM', () => {", '  server.close();', '});'];
const text = `handle the signal, and close the listener:\n\n${codeIn(code)}\n\nThat lets requests end`;

test('a text is paragraphs and code, which keeps its own indentation', () => {
  expect(blocksOf(text)).toEqual([
    { kind: 'prose', text: 'handle the signal, and close the listener:' },
    { kind: 'code', text: code.join('\n') },
    { kind: 'prose', text: 'That lets requests end' },
  ]);
});

test('on a terminal paragraphs are wrapped, and lines of code stay whole', () => {
  expect(hang('  Remedy: ', text, 40)).toEqual([
    '  Remedy: handle the signal, and close',
    '          the listener:',
    '',
    ...code.map((line) => `    ${line}`),
    '',
    '          That lets requests end',
  ]);
});

test('in Markdown code has a fence, and nothing in it is escaped', () => {
  expect(paragraphs(text)).toEqual([
    'handle the signal, and close the listener:',
    '',
    '```',
    ...code,
    '```',
    '',
    'That lets requests end',
    '',
  ]);
});
