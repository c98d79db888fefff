import { describe, expect, test } from 'vitest';
import { ledgerMarkdown, ledgerTally, ledgerText } from '../../../src/report/claims/text.ts';
import type { ClaimsDocument } from '../../../src/report/documents/claims.ts';
import { plain } from '../../../src/report/paint.ts';
import { saved } from '../saved.ts';

describe('the ledger', () => {
  const document = saved<ClaimsDocument>('claims');
  const [first] = document.claims as [ClaimsDocument['claims'][number]];
  const none = { under: null, refutedUnder: null, reason: null, parts: [], cases: [] };
  const evidence = [
    { scenario: 's', title: 'a', expected: 'x', observed: '1', finding: 'refuted', under: null },
    { scenario: 's', title: 'b', expected: 'x', observed: '2', finding: 'holds', under: null },
    { scenario: 's', title: 'c', expected: 'x', observed: '3', finding: 'holds', under: null },
  ];
  const claim = (finding: string, change: object = {}) =>
    ({ ...first, id: 'C01', claim: 'It is so.', ...none, evidence, finding, ...change }) as typeof first;
  const of = (...claims: readonly (typeof first)[]) => ({ ...document, environment: null, claims });
  const textOf = (detail: 'one each' | 'all evidence', ...claims: readonly (typeof first)[]) =>
    ledgerText(of(...claims), detail, plain);

  test('counts the findings in words that fit their number', () => {
    const findings = ['holds', 'holds under', 'refuted', 'does not apply', 'not decided'];
    expect(ledgerTally(findings.map((finding) => claim(finding)))).toBe(
      '5 claims: 1 holds, 1 holds under conditions, 1 refuted, 1 not applicable, 1 not decided',
    );
    expect(ledgerTally([...findings, ...findings].map((finding) => claim(finding)))).toBe(
      '10 claims: 2 hold, 2 hold under conditions, 2 refuted, 2 not applicable, 2 not decided',
    );
    expect(ledgerTally([claim('refuted')])).toBe('1 claim: 1 refuted');
  });

  test('has the observation that decided a claim, or all of them', () => {
    expect(textOf('one each', claim('holds'))).toEqual([
      ...['', 'C01  It is so.', '     holds', '       s: b: 2', ''],
      '1 claim: 1 holds',
    ]);
    expect(textOf('all evidence', claim('holds')).slice(2, 6)).toEqual([
      ...['     holds', '       s: a: 1', '       s: b: 2', '       s: c: 3'],
    ]);
    expect(textOf('one each', claim('refuted'))[3]).toBe('       s: a: 1');
    expect(textOf('one each', claim('not decided', { reason: 'it was not run' })).slice(2, 4)).toEqual([
      ...['     not decided', '       it was not run'],
    ]);
    expect(textOf('one each', claim('not decided', { reason: null }))).not.toContain('       s: a: 1');
    const under = { under: 'x=1', refutedUnder: 'x=0' };
    expect(textOf('one each', claim('holds under', under))[2]).toBe(
      '     holds under x=1, refuted under x=0',
    );
  });

  test('shows below a claim its parts and its cases, on one line if that fits', () => {
    const part = { ...claim('holds'), part: 'p', text: 'a part' };
    const long = { ...part, finding: 'refuted', text: 'a part of very many words '.repeat(4).trim() };
    const lines = textOf('one each', claim('refuted', { parts: [part], cases: [long] } as never));
    expect(lines.slice(2, 5)).toEqual(['     refuted', '     - a part: holds', '       s: b: 2']);
    expect(lines.slice(5).join('\n')).toMatch(
      /^ {5}\+ a part of [\s\S]* words: refuted\n {7}s: a: 1\n\n1 claim/,
    );
    const open = claim('not decided', { reason: 'no run', parts: [part] } as never);
    expect(textOf('one each', open).slice(2, 4)).toEqual(['     not decided', '       no run']);
    const conditions = {
      finding: 'holds under',
      under: 'tcp_timestamps=0 and no TIME_WAIT and much else that is long',
    };
    const wide = textOf('one each', claim('refuted', { parts: [{ ...part, ...conditions }] } as never));
    expect(wide.slice(3, 5)).toEqual([
      '     - a part:',
      expect.stringMatching(/^ {7}holds under tcp_timestamps=0/),
    ]);
  });

  test('is a table in Markdown, in which its text is never markup', () => {
    const part = { ...claim('refuted'), part: 'p', text: 'a *part*' };
    const lines = ledgerMarkdown(of(claim('holds', { parts: [part], cases: [part] } as never)));
    expect(lines).toEqual([
      '| id | claim | finding | evidence |',
      '|---|---|---|---|',
      '| C01 | It is so. | **holds** | s: b: 2 |',
      '|  | a \\*part\\* | **refuted** | s: a: 1 |',
      '|  | a \\*part\\* | **refuted** | s: a: 1 |',
      '',
      '1 claim: 1 holds',
    ]);
    const open = claim('not decided', { reason: 'it was *not* run' });
    expect(ledgerMarkdown(of(open))[2]).toBe('| C01 | It is so. | **not decided** | it was \\*not\\* run |');
    expect(ledgerMarkdown(of(claim('does not apply')))[2]).toBe(
      '| C01 | It is so. | **does not apply** |  |',
    );
  });
});
