import { describe, expect, test } from 'vitest';
import { ledgerMarkdown, ledgerTally, ledgerText } from '../../src/report/claims/text.ts';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import type { MatrixDocument } from '../../src/report/documents/matrix.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import type { RunDocument } from '../../src/report/documents/run.ts';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import { matrixMarkdown } from '../../src/report/markdown/matrix.ts';
import { restartMarkdown } from '../../src/report/markdown/restart.ts';
import { runMarkdown } from '../../src/report/markdown/run.ts';
import { suiteMarkdown } from '../../src/report/markdown/suite.ts';
import { plain } from '../../src/report/paint.ts';
import { saved } from './saved.ts';

// What the documents of test/report/rendered do not have.
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

describe('a suite in Markdown', () => {
  const suite = saved<SuiteDocument>('suite');
  const [first] = suite.scenarios as [SuiteDocument['scenarios'][number]];
  const states = ['passed', 'failed', 'errored', 'skipped', 'interrupted'];
  const scenarios = states.map((outcome) => ({
    ...first,
    outcome,
    reason: null,
    checks: [],
    round: 1,
    durationMs: 9,
  }));
  const of = (change: object) =>
    suiteMarkdown({ ...suite, scenarios, environment: null, neverRun: 0, ...change } as SuiteDocument);

  test('marks each outcome, and has its reason and its round', () => {
    expect(
      of({})
        .filter((line) => line.includes('first') || line.startsWith('| '))
        .slice(2),
    ).toEqual(
      states.map(
        (state, i) => `| ${'✔✖✖––'[i]} | ${first.topic} | ${first.scenario} | ${state} | 0 | 9 ms |`,
      ),
    );
    const [again] = [{ ...scenarios[2], round: 2, reason: 'no *peer*' }];
    expect(of({ scenarios: [again] }).at(-2)).toBe(
      `| ✖ | ${first.topic} | ${first.scenario} (round 2) | errored: no \\*peer\\* | 0 | 9 ms |`,
    );
  });

  test('counts what never ran, and does not mention contradictions if there were none', () => {
    expect(of({ neverRun: 3, durationMs: 2000, outcome: 'interrupted' }).slice(0, 4)).toEqual([
      '# tcpclose test',
      '',
      '**interrupted**: 5 scenarios in 2 s, 3 never ran.',
      '',
    ]);
    expect(of({})[2]).toMatch(/: 5 scenarios in [\d.]+ s\.$/);
    expect(of({})).not.toContain('## Contradicted');
    const check = { title: 'a', expected: 'b', observed: 'c', verdict: 'contradicted', raw: null };
    const checks = [check, { ...check, verdict: 'as expected', title: 'fine' }];
    expect(of({ scenarios: [{ ...scenarios[1], checks }] }).slice(-4)).toEqual([
      '## Contradicted',
      '',
      `- ${first.scenario}: a: expected b, observed c`,
      '',
    ]);
  });
});

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
