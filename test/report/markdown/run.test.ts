import { describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { runMarkdown } from '../../../src/report/markdown/run.ts';
import { saved } from '../saved.ts';

// Here, as in the files beside it, is what the documents of test/report/rendered do not have.
describe('a run in Markdown', () => {
  const run = saved<RunDocument>('run');
  const [check] = run.checks as [RunDocument['checks'][number]];
  const bare = { ...run, checks: [], steps: [], recording: null, environment: null };
  const of = (change: object) => runMarkdown({ ...bare, ...change } as RunDocument);

  test('explains why it has no result, and names the environment only if it is known', () => {
    expect(of({ outcome: 'skipped', reason: 'no *nft*' })).toEqual([
      `# ${run.scenario}: ${run.title}`,
      '',
      run.claim,
      '',
      '**skipped**: no \\*nft\\*. 0 of 0 checks as expected.',
      '',
    ]);
  });

  test('shows what was read for a contradicted check, and that it was contradicted', () => {
    const bad = {
      ...check,
      verdict: 'contradicted',
      title: 'server',
      raw: 'State\nESTAB',
      step: 1,
      note: null,
    };
    const step = { number: 1, title: 'it `ends`', parties: [], actions: [], atMs: 0 };
    const lines = of({ checks: [bad, { ...bad, raw: null, title: 'client' }], steps: [step] });
    expect(lines.slice(4, 8)).toEqual([
      '**passed**. 0 of 2 checks as expected.',
      '',
      '## 1. it \\`ends\\`',
      '',
    ]);
    expect(lines.filter((line) => line.startsWith('| ✖ |'))).toHaveLength(2);
    expect(lines.slice(-7)).toEqual([
      'What was read for "server":',
      '',
      '```text',
      'State',
      'ESTAB',
      '```',
      '',
    ]);
  });

  test('shows nothing of what was read for a check that is as expected', () => {
    const good = { ...check, verdict: 'as expected', raw: 'State', step: 1 };
    const step = { number: 1, title: 'it', parties: [], actions: [], atMs: 0 };
    const lines = of({ checks: [good], steps: [step] });
    expect(lines[4]).toBe('**passed**. 1 of 1 checks as expected.');
    expect(lines.slice(5, 9)).toEqual(['', '## 1. it', '', '|  | check | expected | observed | at |']);
    expect(lines.filter((line) => line.startsWith('| ✔ |'))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('What was read');
  });

  test('has what happened in the order of time, and what was left out; the begin is no step', () => {
    const parties = [{ name: 'server', description: 'listens', atMs: 5 }];
    const action = { who: 'client', verb: 'kill', detail: 'SIGINT', made: 'left out', atMs: 7 };
    const actions = [action, { ...action, verb: 'end', detail: '', made: 'really', atMs: 2 }];
    expect(of({ steps: [{ number: 0, title: '', parties, actions, atMs: 0 }] }).slice(6)).toEqual([
      '- 2.000 ms: client: end',
      '- 5.000 ms: server: listens',
      '- 7.000 ms: client: kill SIGINT (left out)',
      '',
    ]);
  });

  test('shows at most 200 rows of a connection, replayed segments, and segments that no socket received', () => {
    const ends = { client: { address: '::1', port: 1 }, server: { address: '127.0.0.1', port: 80 } };
    const segment = {
      ...{ from: 'client', flags: ['ACK', 'SYN'], sequence: 0, acknowledgment: 1, length: 5 },
      ...{ atMs: 1, source: 'kernel', unheard: false },
    };
    const segments = [
      { ...segment, atMs: 3, from: 'server', flags: ['FIN'], acknowledgment: null, length: 0 },
      { ...segment, unheard: true, source: 'replay' },
    ];
    const transitions = [
      { atMs: 2, side: 'client', to: 'SYN_SENT' },
      { atMs: 4, side: 'server', to: null },
    ];
    const recording = (rows: readonly object[]) => ({
      ...run.recording,
      connections: [{ ...ends, segments: rows, transitions }],
    });
    expect(of({ recording: recording(segments) }).slice(6)).toEqual([
      '## Segments and states',
      '',
      '### A: [::1]:1 to 127.0.0.1:80',
      '',
      '| time | client | segment | server |',
      '| --- | --- | --- | --- |',
      '| 1.000 ms |  | SYN ACK seq 0 ack 1 len 5 ✖ (replayed) → |  |',
      '| 2.000 ms | **SYN_SENT** |  |  |',
      '| 3.000 ms |  | ← FIN seq 0 |  |',
      '| 4.000 ms |  |  | **no socket** |',
      '',
    ]);
    const many = (count: number) => of({ recording: recording(Array(count).fill(segment)) });
    expect(many(198).at(-2)).not.toContain('more');
    expect(many(199).slice(-2)).toEqual(['1 rows more: --json has all of them.', '']);
    expect(many(199).filter((line) => / ms \|/.test(line))).toHaveLength(200);
  });
});
