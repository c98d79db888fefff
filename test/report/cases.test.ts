import { describe, expect, test } from 'vitest';
import { auditCases } from '../../src/report/audit/cases.ts';
import type { Case } from '../../src/report/ci.ts';
import { claimCases } from '../../src/report/claims/cases.ts';
import { doctorCases } from '../../src/report/doctor/cases.ts';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import type { IdleDocument } from '../../src/report/documents/idle.ts';
import type { MatrixDocument } from '../../src/report/documents/matrix.ts';
import { matrixDiffOf } from '../../src/report/documents/matrix.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import type { RunDocument } from '../../src/report/documents/run.ts';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import type { WatchDocument } from '../../src/report/documents/watch.ts';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { idleCases } from '../../src/report/idle/cases.ts';
import { matrixCases } from '../../src/report/matrix/cases.ts';
import { mergeCases } from '../../src/report/merge/cases.ts';
import { restartCases } from '../../src/report/restart/cases.ts';
import {
  describeOther,
  describeUnit,
  isInterrupted,
  ownWords,
  shownVerdict,
  titleOf,
  verdictOfAll,
  watchingOf,
} from '../../src/report/restart/words.ts';
import { runCases } from '../../src/report/run/cases.ts';
import { caseOf, caseOfRun, casesOfSuite } from '../../src/report/suite/cases.ts';
import { watchCases } from '../../src/report/watch/cases.ts';
import { Outcome } from '../../src/report/watch/outcome.ts';
import { whyCases } from '../../src/report/why/cases.ts';
import { saved } from './saved.ts';

// What CI hears of each verdict. Documents of real runs, with one thing changed.
const states = (cases: readonly Case[]) => cases.map(({ result }) => result.state);
const words = (cases: readonly Case[]) =>
  cases.map(({ result }) =>
    result.state === 'passed'
      ? result.remark
      : result.state === 'skipped'
        ? result.reason
        : result.problems.map(({ message }) => message).join('; '),
  );

describe('why', () => {
  const answer = saved<WhyDocument>('why');

  test('passes for a port that can be bound, and fails for every other verdict with its advice', () => {
    const free = { ...answer, verdict: 'free', meaning: 'nothing holds it' } as WhyDocument;
    expect(whyCases(free as never)).toEqual([
      {
        ...{ suite: 'why', className: 'tcpclose.why', durationMs: null, warnings: [] },
        name: `port [::]:${answer.port} can be bound`,
        title: `port [::]:${answer.port} can be bound`,
        result: { state: 'passed', remark: 'nothing holds it' },
        facts: { verdict: 'free' },
      },
    ]);
    const held = {
      ...answer,
      verdict: 'held',
      meaning: 'it is held',
      advice: ['stop it', 'or wait'],
    } as never;
    expect(whyCases(held)[0]?.result).toMatchObject({
      state: 'failed',
      problems: [{ type: 'held', message: 'it is held', remedy: 'stop it', text: 'stop it\nor wait' }],
    });
    const helpless = { ...answer, verdict: 'held', meaning: 'it is held', advice: [] } as never;
    expect(whyCases(helpless)[0]?.result).toMatchObject({ problems: [{ remedy: null, text: '' }] });
  });

  test('has a case for each of several, a Unix socket by its name, and for each listener', () => {
    const socket = { type: 'socket', name: '/run/web.sock', verdict: 'free', meaning: 'nobody', advice: [] };
    const several = { type: 'several', answers: [answer, socket] } as never;
    expect(whyCases(several).map(({ name }) => name)).toEqual([
      `port [::]:${answer.port} can be bound`,
      '/run/web.sock can be bound',
    ]);
    expect(whyCases(socket as never).map(({ name }) => name)).toEqual(['/run/web.sock can be bound']);
    const processes = [{ pid: 7, command: 'node', user: 'web' }];
    const listeners = [{ protocol: 'TCP', port: 80, addresses: ['::', '0.0.0.0'], processes, user: null }];
    expect(whyCases({ type: 'listeners', listeners } as never)).toMatchObject([
      {
        name: 'TCP port 80 of ::, 0.0.0.0',
        result: { state: 'passed', remark: null },
        facts: { processes: [{ pid: 7, command: 'node' }] },
      },
    ]);
  });
});

describe('run', () => {
  const failure = {
    ...{ call: 'bind', address: '0.0.0.0', port: 80, path: null, pid: 42, times: 2, atMs: 12 },
    ...{ text: 'node has it', remedy: 'stop it', kind: 'other', holders: [{ pid: 9 }], result: 'EADDRINUSE' },
  };
  const document = {
    ...{ command: 'npm start', durationMs: 99, status: 1, disturbed: ['a name'], failures: [failure] },
    watching: { state: 'on', reason: null },
  };
  const of = (change: object) => runCases({ ...document, ...change } as never);

  test('passes if every bind passed, and not if nothing was watched', () => {
    expect(of({ failures: [] })).toEqual([
      {
        ...{ suite: 'npm start', className: 'tcpclose.run', name: 'every bind passes' },
        ...{ title: 'every bind passes', durationMs: 99, facts: {}, warnings: ['a name'] },
        result: { state: 'passed', remark: null },
      },
    ]);
    const watching = { state: 'off', reason: 'seccomp is refused' };
    expect(of({ failures: [], watching })[0]?.result).toEqual({
      state: 'skipped',
      reason: 'seccomp is refused',
    });
  });

  test('fails for each failed bind with its remedy, which is a warning if the command coped with it', () => {
    const [failed] = of({});
    expect(failed).toEqual({
      ...{ suite: 'npm start', className: 'tcpclose.run', durationMs: null, warnings: [] },
      ...{ name: 'bind to port 80 of 0.0.0.0 by pid 42', title: 'bind to port 80 of 0.0.0.0 by pid 42' },
      result: {
        state: 'failed',
        problems: [expect.objectContaining({ message: 'node has it.', type: 'other', remedy: 'stop it' })],
      },
      facts: { kind: 'other', pid: 42, times: 2, at_ms: 12, holder: 9 },
    });
    expect(of({ status: 0 })[0]).toMatchObject({
      result: { state: 'passed', remark: null },
      warnings: ['node has it. Remedy: stop it'],
    });
  });

  test.each([
    [{ address: null }, 'bind to port 80 by pid 42'],
    [{ port: null }, 'bind to a socket by pid 42'],
    [{ path: '/run/x' }, 'bind to /run/x by pid 42'],
  ])('names the place: %j', (change, name) => {
    expect(of({ failures: [{ ...failure, ...change, holders: [] }] })[0]).toMatchObject({
      name,
      facts: { holder: null },
    });
  });
});

describe('audit', () => {
  const finding = {
    ...{ kind: 'leak', what: '9 leak', fault: { side: 'here', because: 'nobody closes' }, count: 9 },
    ...{
      trend: 'growing',
      cost: null,
      steps: [
        { text: 'look', command: 'ss -tan' },
        { text: 'wait', command: null },
      ],
    },
  };
  const findings = [
    { ...finding, severity: 'wrong' },
    { ...finding, severity: 'note', what: '2 may', count: 2 },
    { ...finding, kind: 'pile', severity: 'note', what: 'a pile', count: 3, steps: [] },
  ];

  test('fails for a kind with a wrong finding, and only warns about notes', () => {
    const kinds = ['leak', 'pile', 'queue'].map((name) => ({ name }));
    const cases = auditCases({ findings, scope: 'this machine' } as never, kinds);
    expect(cases[0]).toEqual({
      ...{
        suite: 'this machine',
        className: 'tcpclose.audit',
        name: 'leak',
        title: 'leak',
        durationMs: null,
      },
      result: {
        state: 'failed',
        problems: [
          expect.objectContaining({
            ...{ type: 'leak', message: '9 leak', remedy: 'look: ss -tan' },
            text: 'here: nobody closes\ngrowing\nlook: ss -tan\nwait',
          }),
        ],
      },
      facts: { count: 11 },
      warnings: ['2 may'],
    });
    expect(states(cases)).toEqual(['failed', 'passed', 'passed']);
    expect(cases.map(({ facts, warnings }) => [facts['count'], warnings])).toEqual([
      [11, ['2 may']],
      [3, ['a pile']],
      [0, []],
    ]);
    const [helpless] = auditCases(
      { findings: [{ ...findings[2], severity: 'wrong' }], scope: 'x' } as never,
      [{ name: 'pile' }],
    );
    expect(helpless?.result).toMatchObject({ problems: [{ remedy: null }] });
  });
});

test('doctor: missing things are skipped, with the features that need them', () => {
  const check = { name: 'ss', state: 'available', detail: 'iproute2', costs: 'slower looks' };
  const groups = [
    { title: 'programs', checks: [check, { ...check, state: 'missing', detail: 'not found' }] },
  ];
  const cases = doctorCases({ groups } as never);
  expect(cases[0]).toEqual({
    ...{ suite: 'programs', className: 'tcpclose.doctor', name: 'ss', title: 'programs: ss' },
    ...{ durationMs: null, result: { state: 'passed', remark: null }, warnings: [] },
    facts: { state: 'available', detail: 'iproute2' },
  });
  expect(states(cases)).toEqual(['passed', 'skipped']);
  expect(words(cases)).toEqual([null, 'missing: not found; without it: slower looks']);
});

describe('idle', () => {
  const document = saved<IdleDocument>('idle');
  const [comparison] = document.comparisons;
  const of = (change: object, more: readonly object[] = []) =>
    idleCases({ ...document, comparisons: [{ ...comparison, ...change }, ...more], ...change } as never);

  test.each([
    ['no race', 'passed', 'it is so', []],
    ['race possible', 'failed', 'race possible: it is so', [null]],
    ['not measured', 'undecided', 'it is so', [null]],
  ])('%s is %s', (verdict, state, text, remedies) => {
    const cases = of({ verdict, reason: 'it is so', settings: [] });
    expect(states(cases)).toEqual([state]);
    expect(words(cases)).toEqual([text]);
    const [{ result } = { result: { state: 'passed' } }] = cases;
    expect('problems' in result ? result.problems.map(({ remedy }) => remedy) : []).toEqual(remedies);
  });

  test('a possible race has the settings that end it', () => {
    const settings = [
      { of: 'nginx', setting: 'keepalive_timeout 60s;' },
      { of: 'the server', setting: 'keepAliveTimeout = 65' },
    ];
    expect(of({ verdict: 'race possible', settings })[0]?.result).toMatchObject({
      problems: [
        {
          type: 'race-possible',
          remedy: 'nginx: keepalive_timeout 60s; or the server: keepAliveTimeout = 65',
        },
      ],
    });
  });

  test('it is named after the client that decides the verdict, or after all', () => {
    const other = { ...comparison, client: 'haproxy', verdict: 'no race', reason: 'it gives up first' };
    const compared = { compared: 'one', verdict: 'no race' };
    const cases = idleCases({
      ...document,
      ...compared,
      comparisons: [{ ...comparison, verdict: 'race possible' }, other],
    } as never);
    expect(cases[0]).toMatchObject({ name: 'haproxy gives up first' });
    expect(words(cases)).toEqual(['it gives up first']);
    const none = idleCases({
      ...document,
      verdict: 'not measured',
      compared: 'one',
      comparisons: [comparison],
    } as never);
    expect(none[0]?.name).toBe(`${comparison?.client} gives up first`);
    const all = idleCases({ ...document, compared: 'all', comparisons: [] } as never);
    expect(all[0]).toMatchObject({
      name: 'every client gives up first',
      facts: { client_idle_ms: null, hits_per_s: null },
    });
    const nobody = idleCases({ ...document, verdict: 'no race', compared: 'one', comparisons: [] } as never);
    expect([nobody[0]?.name, ...words(nobody)]).toEqual(['every client gives up first', '']);
    expect(of({ risk: null })[0]?.facts['hits_per_s']).toBeNull();
    const one = idleCases({ ...document, compared: 'all' } as never)[0];
    expect(one).toMatchObject({
      name: 'every client gives up first',
      className: 'tcpclose.idle',
      warnings: [],
    });
    const precise = { ...document, idle: { ...document.idle, ms: 3003.6 } };
    expect(idleCases(precise as never)[0]?.facts['server_idle_ms']).toBe(3004);
    const unknown = { keepAlive: null, idle: { ...document.idle, ms: null } };
    expect(idleCases({ ...document, ...unknown } as never)[0]?.facts).toMatchObject({
      server_idle_ms: null,
      keep_alive_timeout_s: null,
    });
  });
});

test('merge: hosts that differ and what is wrong are warnings, what cannot be read is an error', () => {
  const unread = { count: 0, first: [] as { from: string; reason: string }[] };
  const claim = (id: string, ...values: string[]) => ({
    ...{ id, claim: 'it is so' },
    findings: values.map((value, i) => ({ value, count: i + 1 })),
  });
  const document = {
    claims: [claim('C01', 'holds'), claim('C02', 'holds', 'refuted')],
    findings: [
      { kind: 'leak', wrong: 0 },
      { kind: 'pile', wrong: 2 },
    ],
    ...{ audits: 3, unread },
  };
  const cases = mergeCases(document as never);
  expect(cases.map(({ suite, name, warnings }) => [suite, name, warnings])).toEqual([
    ['claims', 'C01: it is so', []],
    ['claims', 'C02: it is so', ['hosts differ: holds on 1, refuted on 2']],
    ['audits', 'leak', []],
    ['audits', 'pile', ['wrong on 2 of 3']],
  ]);
  expect(new Set(states(cases))).toEqual(new Set(['passed']));
  expect(cases[0]).toMatchObject({ className: 'tcpclose.merge.claims', durationMs: null, facts: {} });
  const first = [
    { from: 'a.json', reason: 'no JSON' },
    { from: 'b.json', reason: 'empty' },
  ];
  const of = (count: number) => mergeCases({ ...document, unread: { count, first } } as never).at(-1);
  expect(of(2)).toEqual({
    ...{ suite: 'files', className: 'tcpclose.merge.files', durationMs: null, facts: {}, warnings: [] },
    ...{ name: 'every document can be read', title: 'every document can be read' },
    result: {
      state: 'errored',
      problems: [
        expect.objectContaining({
          ...{ message: '2 documents could not be read', type: 'unread' },
          text: 'a.json: no JSON\nb.json: empty',
        }),
      ],
    },
  });
  expect(words(of(1) === undefined ? [] : [of(1) as Case])).toEqual(['1 document could not be read']);
});

describe('watch', () => {
  const lines = saved<readonly WatchDocument[]>('watch');
  const table = lines.findLast((line) => line.type === 'table');
  const end = (reason: string) => ({ schemaVersion: 1, type: 'finished', at: '', atMs: 77, reason });
  const of = (reason: string, until: string | null, port: number | null = 80) =>
    watchCases({ port, until, last: undefined, lines: [], end: end(reason) } as never);

  test.each([
    ['until', 'TIME_WAIT=0', 'passed', [null]],
    ['interrupted', null, 'passed', [null]],
    ['interrupted', 'TIME_WAIT=0', 'undecided', ['TIME_WAIT=0 interrupted: no socket is there']],
    ['for', 'TIME_WAIT=0', 'failed', ['TIME_WAIT=0 did not hold in time: no socket is there']],
  ])('that ended by %s with the condition %j is %s', (reason, until, state, text) => {
    const cases = of(reason, until);
    expect(states(cases)).toEqual([state]);
    expect(words(cases)).toEqual(text);
    expect(cases[0]).toMatchObject({
      ...{ suite: 'watch', className: 'tcpclose.watch', durationMs: 77, warnings: [] },
      facts: { reason, seen: 'no socket is there' },
    });
    const [{ result } = { result: { state: 'passed' } }] = cases;
    if ('problems' in result)
      expect(result.problems[0]?.type).toBe(reason === 'for' ? 'not-in-time' : 'interrupted');
  });

  test('is named after what was watched', () => {
    expect(of('for', null)[0]?.name).toBe('watched the connections of port 80');
    expect(of('for', 'TIME_WAIT=0', null)[0]?.title).toBe('TIME_WAIT=0 in the connections of the machine');
  });

  test('reports its result at the end, and nothing before', () => {
    const heard: unknown[] = [];
    const hear = (name: string) => (value: unknown) => void heard.push([name, value]);
    const reporter = {
      ...{ onBegin: hear('begin'), onEvent: hear('event'), onLine: hear('line') },
      ...{ onCase: hear('case'), onEnd: hear('end'), onError: hear('error') },
    } as never;
    const outcome = new Outcome(80, 'TIME_WAIT=0');
    outcome.see(table as WatchDocument);
    outcome.report(reporter);
    expect(heard).toEqual([]);
    outcome.see(end('for') as WatchDocument);
    outcome.report(reporter);
    expect(heard.map((one) => (one as unknown[])[0])).toEqual(['begin', 'case', 'end']);
    const rows = table?.type === 'table' ? table.rows : [];
    const seen = rows.map(({ state, count }) => `${state}=${count}`).join(', ');
    expect(heard[1]).toMatchObject(['case', { facts: { reason: 'for', seen } }]);
    expect(heard[2]).toMatchObject(['end', { port: 80, until: 'TIME_WAIT=0', last: table }]);
  });
});

describe('restart', () => {
  const document = saved<RestartDocument>('restart');
  const [run] = document.runs as [RestartDocument['runs'][number]];
  const of = (change: object) => restartCases({ ...document, runs: [{ ...run, ...change }] } as never);

  test.each([
    ['survives', 'passed'],
    ['loses', 'failed'],
    ['fails', 'failed'],
    ['not decided', 'undecided'],
  ])('that %s is %s', (verdict, state) => {
    expect(states(of({ verdict, reason: 'it was too slow' }))).toEqual([state]);
  });

  test('contains the cause and the remedy of a failure, or the reason of an undecided run', () => {
    const evidence = { ...run.evidence, explanation: 'it is so', remedy: 'change it' };
    for (const verdict of ['fails', 'loses'])
      expect(of({ verdict, evidence, cause: 'port-taken' })[0]?.result).toMatchObject({
        problems: [{ type: 'port-taken', remedy: 'change it' }],
      });
    expect(of({ verdict: 'fails', cause: null, evidence: null })[0]?.result).toMatchObject({
      problems: [{ type: 'fails', remedy: null, message: ` (calls: ${watchingOf(run)})` }],
    });
    expect(of({ verdict: 'loses', cause: null, evidence: null })[0]?.result).toMatchObject({
      problems: [
        { type: 'loses', remedy: null, message: `survives, loses requests:  (calls: ${watchingOf(run)})` },
      ],
    });
    expect(words(of({ verdict: 'not decided', reason: 'it was too slow' }))).toEqual(['it was too slow']);
    expect(words(of({ verdict: 'not decided', reason: null }))).toEqual(['']);
  });

  test('has the facts of the run, and those that are not known as null', () => {
    const asked = { clients: 4 };
    const known = {
      ...{
        verdict: 'loses',
        cause: 'port-taken',
        reason: 'so',
        outageMs: 7,
        reload: { output: 'its end\n' },
      },
      evidence: { explanation: 'it is so', remedy: 'change it', secondStart: null },
      load: { ...saved<RestartDocument>('restart-load').runs[0]?.load, asked },
    };
    const [{ className, facts } = { className: '', facts: {} }] = of(known);
    expect(className).toBe('tcpclose.restart');
    expect(facts).toEqual({
      ...{ verdict: 'loses', cause: 'port-taken', reason: 'so', outage_ms: 7, output: 'its end' },
      ...{ explanation: 'it is so', remedy: 'change it', calls: watchingOf({ ...run, ...known } as never) },
      ...{ requests: known.load.requests, lost: known.load.lost, load: asked },
    });
    const unknown = { explanation: null, remedy: null, requests: null, lost: null, load: null, output: null };
    expect(of({ verdict: 'survives', evidence: null, load: null, reload: null })[0]?.facts).toMatchObject(
      unknown,
    );
    const [lossy] = words(of({ ...known, evidence: null }));
    expect(lossy).not.toContain('loses requests');
    expect(lossy).toMatch(/^survives, .*requests.*: {2}\(calls: /);
  });

  test('has below the message what a reader needs: cause, remedy, losses, calls and output', () => {
    const textOf = (change: object) => {
      const [{ result } = { result: { state: 'passed' } }] = of(change);
      return 'problems' in result ? result.problems[0]?.text : undefined;
    };
    const calls = `Calls: ${watchingOf(run)}`;
    const bare = { verdict: 'not decided', reason: 'no', evidence: null, load: null, reload: null };
    expect(textOf(bare)).toBe(calls);
    expect(textOf({ ...bare, reload: { output: 'reloaded\n' } })).toBe(
      `${calls}\nIts last output:\nreloaded`,
    );
    const evidence = { explanation: 'it is so', remedy: 'change it', secondStart: null };
    expect(textOf({ ...bare, evidence })).toBe(`it is so\nRemedy: change it\n${calls}`);
    const [loss] = saved<RestartDocument>('restart-load').runs[0]?.load?.losses ?? [];
    const load = { ...saved<RestartDocument>('restart-load').runs[0]?.load, losses: [loss] };
    expect(textOf({ ...bare, load })).toMatch(/^Losses:\n/);
    expect(textOf({ ...bare, evidence, load })).toContain('\nLosses:\n');
    const named = { ...evidence, explanation: loss?.explanation };
    expect(textOf({ ...bare, evidence: named, load })).not.toContain('osses:');
    const two = { ...load, losses: [loss, { ...loss, explanation: 'another' }] };
    expect(textOf({ ...bare, evidence: named, load: two })).toContain('\nOther losses:\n');
  });

  test('reports the losses of a server that survives under load, and the way of a reload', () => {
    const { load } = saved<RestartDocument>('restart-load').runs[0] as typeof run;
    const [text] = words(of({ verdict: 'survives', load, outageMs: 7 }));
    expect(text).toMatch(/ survives, .*requests.*, 7 ms outage \(calls: /);
    const reload = { signal: 'SIGHUP', command: null };
    expect(words(of({ verdict: 'survives', reload }))[0]).toContain(
      'survives, reload by SIGHUP, under load (calls: ',
    );
  });

  test('reports the outage of a server that survives', () => {
    const [text] = words(of({ verdict: 'survives', outageMs: 41.6 }));
    expect(text).toContain('survives, 42 ms outage (calls: ');
    expect(words(of({ verdict: 'survives', outageMs: null }))[0]).toContain('survives, 0 ms outage');
    expect(of({ outageMs: null })[0]?.facts['outage_ms']).toBeNull();
    expect(of({ outageMs: 41.6 })[0]?.facts['outage_ms']).toBe(42);
  });

  test.each<[object, string]>([
    [{}, 'SIGTERM, the clients stay connected'],
    [{ clients: 'close' }, 'SIGTERM, the clients close after it'],
    [{ order: 'client-first' }, 'SIGTERM, the clients close first'],
    [{ load: {} }, 'SIGTERM, under load'],
    [{ way: 'restart under load' }, 'SIGTERM, under load'],
    [{ way: 'handover' }, 'handover, then SIGTERM, under load'],
    [{ way: 'reload' }, 'reload by SIGTERM, under load'],
    [{ way: 'reload', signal: 'none' }, 'reload by a command, under load'],
    // What was done counts, not what was asked for.
    [{ way: 'reload', reload: { signal: 'SIGUSR1', command: null } }, 'reload by SIGUSR1, under load'],
    [
      { way: 'handover', reload: { handover: { by: 'SIGUSR2', signal: 'SIGQUIT' } } },
      'handover by SIGUSR2, then SIGQUIT, under load',
    ],
    [{ load: {}, reload: { signal: 'SIGHUP', command: null } }, 'reload by SIGHUP, under load'],
    [{ reload: { signal: null, command: 'nginx -s reload' } }, 'reload by "nginx -s reload", under load'],
    [{ reload: { handover: { by: null, signal: 'SIGTERM' } } }, 'handover, then SIGTERM, under load'],
    [
      { reload: { handover: { by: 'SIGUSR2', signal: 'SIGQUIT' } } },
      'handover by SIGUSR2, then SIGQUIT, under load',
    ],
  ])('has the title of its way: %j', (change, title) => {
    const plainRun = {
      ...run,
      signal: 'SIGTERM',
      clients: 'stay',
      order: 'server-first',
      load: null,
      reload: null,
    };
    expect(titleOf({ ...plainRun, ...change } as never)).toBe(title);
  });

  test('has no verdict if the user interrupted it', () => {
    const undecided = { ...run, verdict: 'not decided', reason: 'interrupted by SIGINT' } as const;
    expect(isInterrupted(undecided)).toBe(true);
    expect(isInterrupted({ ...undecided, verdict: 'fails' })).toBe(false);
    expect([null, 'it was interrupted'].map((reason) => isInterrupted({ ...undecided, reason }))).toEqual([
      false,
      false,
    ]);
    expect(shownVerdict(undecided)).toBe('interrupted');
    expect(shownVerdict({ ...undecided, reason: 'too slow' })).toBe('not decided');
    const all = (verdict: 'fails' | 'not decided', ...runs: (typeof run)[]) =>
      verdictOfAll({ ...document, verdict, runs });
    expect(all('not decided', run, undecided)).toBe('interrupted');
    expect(all('not decided', run)).toBe('not decided');
    expect(all('fails', undecided)).toBe('fails');
  });

  test('names the basis of the verdict', () => {
    const watching = (state: string, seenBy?: string) =>
      watchingOf({
        ...{ watching: { state, reason: 'no seccomp' }, evidence: {} },
        target: seenBy && { seenBy },
      } as never);
    const never = { watching: { state: 'off', reason: 'it never listened' }, evidence: null };
    expect(watchingOf(never as never)).toBe('it never listened');
    const silent = { watching: { state: 'off' }, evidence: null };
    expect(watchingOf(silent as never)).toBe('');
    expect(watching('on')).toBe('its bind() and listen() were watched');
    expect(watching('on', 'calls')).toBe('its bind() and listen() were watched');
    expect(watching('on', 'table')).toBe(
      "its bind() and listen() were watched; this listener is known only from the kernel's table",
    );
    expect(watching('off')).toBe("not watched: no seccomp. The verdict rests on the kernel's state.");
  });

  test.each([
    ['it starts\nbind: Address already in use\nError: no', 'bind: Address already in use'],
    ['it starts\n  listen EADDRINUSE\nend', 'listen EADDRINUSE'],
    ['it starts\n  OSError: [Errno 13]\nit failed', 'OSError: [Errno 13]'],
    ['java.lang.Exception: x\nit failed', 'java.lang.Exception: x'],
    ['it starts\naccess denied\nend', 'access denied'],
    ['it failed\nsome Error here', 'it failed'],
    ['it starts\n\nthe end  \n\n', 'the end'],
    [' \n', 'it printed nothing'],
  ])('the most telling line of %j is %j', (output, line) => {
    expect(ownWords(output)).toBe(line);
  });

  test('describes a unit, and a listener beside its own', () => {
    const unit = { name: 'web.service', type: 'notify', restart: 'always', sockets: [] as string[] };
    expect(describeUnit(unit as never)).toBe('web.service, Type=notify, Restart=always');
    expect(describeUnit({ ...unit, sockets: ['a.socket', 'b.socket'] } as never)).toBe(
      'web.service, Type=notify, Restart=always; a.socket, b.socket holds the listener, which stays open: connections wait in its queue',
    );
    const other = { address: '::1:80', tool: null, processes: [{ pid: 7, name: 'node' }] };
    expect(describeOther(other as never)).toBe('::1:80   pid 7 node');
    expect(describeOther({ ...other, tool: 'docker-proxy', processes: [] } as never)).toBe(
      '::1:80   (of docker-proxy)',
    );
  });
});

describe('claims', () => {
  const document = saved<ClaimsDocument>('claims');
  const [claim] = document.claims as [ClaimsDocument['claims'][number]];
  const evidence = [
    { scenario: 's', title: 'a', expected: 'x', observed: '1', finding: 'holds', under: null },
    { scenario: 's', title: 'b', expected: 'x', observed: '2', finding: 'refuted', under: null },
  ];
  const of = (change: object) =>
    claimCases({ ...document, claims: [{ ...claim, evidence, parts: [], cases: [], ...change }] } as never);

  test.each([
    ['holds', 'passed', ['1']],
    ['holds under', 'passed', ['1']],
    ['refuted', 'passed', ['2']],
    ['does not apply', 'passed', []],
    ['not decided', 'skipped', []],
  ])('one that %s is %s, with the observations that say so', (finding, state, observed) => {
    const cases = of({ finding, reason: 'it was not run' });
    expect(states(cases)).toEqual([state]);
    expect(words(cases)).toEqual([state === 'passed' ? null : 'it was not run']);
    const told = cases[0]?.facts['evidence'] as unknown as { observed: string }[];
    expect(told.map((one) => one.observed)).toEqual(observed);
  });

  test('has its parts and cases by their names', () => {
    const part = { ...claim, part: 'some', text: 'a part', finding: 'holds' };
    const cases = of({ id: 'C99', claim: 'all', parts: [part], cases: [{ ...part, part: 'more' }] });
    expect(cases.map(({ name }) => name)).toEqual(['C99: all', 'C99/some: a part', 'C99/more: a part']);
    expect(of({ finding: 'not decided', reason: null })[0]?.result).toEqual({
      state: 'skipped',
      reason: 'not decided',
    });
  });
});

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

describe('a run', () => {
  const document = saved<RunDocument>('run');
  const of = (change: object) => caseOfRun({ ...document, ...change } as RunDocument);
  const check = { ...document.checks[0], title: 'server', expected: 'a', observed: 'b' };
  const bad = { ...check, verdict: 'contradicted', raw: 'State', location: { file: 'x.ts', line: 3 } };

  test.each([
    ['passed', 'passed', null],
    ['skipped', 'skipped', 'a reason'],
    ['errored', 'errored', 'a reason'],
    ['interrupted', 'undecided', 'interrupted: a reason'],
  ])('that %s is %s', (outcome, state, text) => {
    const one = of({ outcome, reason: 'a reason', checks: [bad] });
    expect(states([one])).toEqual([state]);
    expect(words([one])).toEqual([text]);
    const isFine = outcome === 'passed' || outcome === 'skipped';
    expect(Object.keys(one.facts)).toEqual(
      isFine ? [] : ['outcome', 'reason', 'duration_ms', 'contradicted'],
    );
  });

  test('of a suite has its round, and how often it was tried', () => {
    const finished = {
      ...{ scenario: 'mine', topic: 'order', round: 2, attempts: 3, checks: [], durationMs: 5 },
      outcome: { state: 'passed' },
    } as const;
    expect(caseOf(finished)).toMatchObject({
      ...{ suite: 'order', name: 'mine (round 2)', title: 'order/mine (round 2)', durationMs: 5 },
      result: {
        state: 'passed',
        remark: 'passed at attempt 3: before, the machine was too slow to see a state',
      },
    });
    expect(words([caseOf({ ...finished, attempts: 1 })])).toEqual([null]);
  });

  test('that failed has what contradicted it, or its reason', () => {
    const agreed = { ...check, verdict: 'as expected' };
    const nowhere = { ...bad, title: 'client', raw: null, location: null };
    const one = of({ outcome: 'failed', reason: null, checks: [agreed, bad, nowhere] });
    expect(one.result).toMatchObject({
      state: 'failed',
      problems: [
        { message: 'server: expected a, observed b', text: 'State', location: { file: 'x.ts', line: 3 } },
        { message: 'client: expected a, observed b', text: '', location: null },
      ],
    });
    expect(one.facts['contradicted']).toEqual([
      { title: 'server', expected: 'a', observed: 'b', at: 'x.ts:3' },
      { title: 'client', expected: 'a', observed: 'b', at: null },
    ]);
    expect(words([of({ outcome: 'failed', reason: 'no more', checks: [] })])).toEqual(['no more']);
    expect(words([of({ outcome: 'failed', reason: null, checks: [agreed] })])).toEqual(['contradicted']);
    expect(words([of({ outcome: 'errored', reason: null })])).toEqual(['']);
    expect(one).toMatchObject({
      ...{ suite: 'demo', className: 'tcpclose.demo', name: document.scenario, warnings: [] },
      title: `demo/${document.scenario}`,
    });
  });
});

test('a suite has a case for each scenario', () => {
  const suite = saved<SuiteDocument>('suite');
  expect(casesOfSuite(suite).map(({ title }) => title)).toEqual(
    suite.scenarios.map(({ topic, scenario }) => `${topic}/${scenario}`),
  );
});
