import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/report/ci.ts';
import { casesMarkdown } from '../../../src/report/markdown/cases.ts';
import { escaped, paragraphs, verbatim } from '../../../src/report/markdown/words.ts';
import { errored, passed, skipped } from './reports.ts';

describe('Markdown of results', () => {
  const many = (count: number, one: Case) => Array.from({ length: count }, () => one);

  test('lists up to 30 of them, and of more only those that did not pass', () => {
    const rows = (cases: readonly Case[]) =>
      casesMarkdown(cases).filter((line) => line.startsWith('| ✔')).length;
    expect(rows(many(30, passed))).toBe(30);
    expect(rows(many(31, passed))).toBe(0);
    expect(casesMarkdown([...many(31, passed), skipped])).toEqual([
      '31 passed, 1 skipped',
      '',
      '|  | case | result |',
      '| --- | --- | --- |',
      '| – | close: no root | skipped: needs root # and \\<nft\\> |',
      '',
    ]);
  });

  test('lists at most 200, and counts the others', () => {
    expect(casesMarkdown(many(201, skipped)).slice(-2)).toEqual(['1 more are not shown.', '']);
    expect(casesMarkdown(many(200, skipped)).filter((line) => line.startsWith('| –'))).toHaveLength(200);
    expect(casesMarkdown(many(200, skipped)).at(-2)).toMatch(/^\| –/);
  });

  test('says that there is nothing', () => {
    expect(casesMarkdown([])).toEqual(['no results', '']);
  });

  test('has no heading for a problem that only repeats the table', () => {
    expect(casesMarkdown([errored]).at(-2)).toBe('| ✖ | close: broken | no peer |');
  });
});

describe('text of a run in Markdown', () => {
  test.each([
    ['*a* `b` [c] <d> ~e~ $f$ g|h \\', '\\*a\\* \\`b\\` \\[c\\] \\<d\\> \\~e\\~ \\$f\\$ g\\|h \\\\'],
    ['_a_ and a_b', '\\_a\\_ and a_b'],
    ['# no heading', '\\# no heading'],
    ['fixes #12, not # or a#b', 'fixes \\#12, not # or a#b'],
    ['a & b', 'a &amp; b'],
    ['two \n  lines\n\nand\nmore', 'two lines and more'],
    ['http://a https://b FTP://c x://d', 'http\\://a https\\://b FTP\\://c x://d'],
    ['www.a and WWW.b', 'www\\.a and WWW\\.b'],
    ['ask @nobody', 'ask \\@nobody'],
  ])('is only ever text: %j', (text, markdown) => {
    expect(escaped(text)).toBe(markdown);
  });

  test('is word for word between fences longer than any in it', () => {
    expect(verbatim('a\n  b\n\n')).toEqual(['```text', 'a', '  b', '```', '']);
    expect(verbatim('a ``` b ` ```` c', 'sh')).toEqual(['`````sh', 'a ``` b ` ```` c', '`````', '']);
  });

  test('is in paragraphs, and its code in blocks of its own', () => {
    expect(paragraphs('set it:\n\n    a_b = *1*\n\nand *wait*')).toEqual([
      'set it:',
      '',
      '```',
      'a_b = *1*',
      '```',
      '',
      'and \\*wait\\*',
      '',
    ]);
  });
});
