import { describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../../src/report/documents/restart.ts';
import { restartMarkdown } from '../../../src/report/markdown/restart.ts';
import { saved } from '../saved.ts';

describe('a restart in Markdown', () => {
  const document = saved<RestartDocument>('restart');
  const [run] = document.runs as [RestartDocument['runs'][number]];
  const of = (change: object, rest: object = {}) =>
    restartMarkdown({ ...document, ...rest, runs: [{ ...run, ...change }] } as RestartDocument);

  test.each([
    ['survives', '✔', 12, '12 ms'],
    ['loses', '✖', 0, '0 ms'],
    ['fails', '✖', null, ''],
    ['not decided', '–', null, ''],
  ])('marks one that %s', (verdict, mark, outageMs, outage) => {
    const lines = of({ verdict, outageMs, cause: null, reason: 'a *reason*', evidence: null });
    expect(lines.find((line) => line.startsWith(`| ${mark}`))).toBe(
      `| ${mark} | SIGTERM, the clients stay connected | ${verdict} | ${outage} | a \\*reason\\* |`,
    );
    expect(lines.filter((line) => line.startsWith('## '))).toHaveLength(verdict === 'survives' ? 0 : 1);
  });

  test('has the cause, the reason, the remedy and the output of one that does not survive, if it has them', () => {
    const nothing = { verdict: 'fails', cause: null, reason: null, evidence: null, reload: null };
    const [, ...after] = of(nothing).join('\n').split('## ');
    expect(after.join('')).toMatch(/^SIGTERM, the clients stay connected\n\nCalls: .*\n$/);
    expect(of(nothing).find((line) => line.startsWith('| ✖'))).toMatch(/\| {2}\| {2}\|$/);
    const all = {
      ...nothing,
      reason: 'why *not*',
      evidence: { explanation: 'so', remedy: 'do it', secondStart: { output: 'EADDRINUSE\n' } },
    };
    expect(of(all).slice(-14)).toEqual([
      ...['so', '', 'why \\*not\\*', '', 'Remedy: do it', ''],
      expect.stringMatching(/^Calls: /),
      ...['', 'Its last output:', '', '```text', 'EADDRINUSE', '```', ''],
    ]);
  });

  test.each([
    [{ port: 80, path: null }, '**fails**, port 80'],
    [{ port: null, path: '/run/*.sock' }, '**fails**, /run/\\*.sock'],
    [{ port: null, path: null }, '**fails**'],
  ])('names the place: %j', (place, line) => {
    expect(of({}, { ...place, verdict: 'fails' })[2]).toBe(line);
  });
});
