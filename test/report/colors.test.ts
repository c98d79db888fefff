import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Check, Environment, Event, SuiteEvent } from '../../src/events.ts';
import { describeErrno } from '../../src/native/errno.ts';
import { ledgerText } from '../../src/report/claims/text.ts';
import { explainText } from '../../src/report/explain.ts';
import { matrixText, type TableCell } from '../../src/report/matrix/text.ts';
import { createPaint, type Paint } from '../../src/report/paint.ts';
import { restartText } from '../../src/report/restart/text.ts';
import { SuiteText } from '../../src/report/suite/text.ts';
import { Transcript } from '../../src/report/transcript.ts';
import { tableLines, transitionLines } from '../../src/report/watch/lines.ts';
import { whyText } from '../../src/report/why/why.ts';

let paint: Paint;
beforeAll(async () => {
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('FORCE_COLOR', '1');
  paint = await createPaint('auto', true);
});
afterAll(() => void vi.unstubAllEnvs());

/** What a command printed with --json on some day: the same on every other. */
function saved(name: string) {
  return JSON.parse(readFileSync(new URL(`saved/${name}.json`, import.meta.url), 'utf8'));
}

const marks: Readonly<Record<string, string>> = {
  '1': '<bold>',
  '2': '<faint>',
  '31': '<red>',
  '32': '<green>',
  '35': '<magenta>',
  '22': '</>',
  '39': '</>',
};

/** The colours as words; any other escape sequence stays, and can be seen in the comparison. */
function readable(lines: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a colour begins.
  const text = lines.join('\n').replaceAll(/\u001b\[(\d+)m/g, (whole, code: string) => marks[code] ?? whole);
  return `${text.trimEnd()}\n`;
}

async function expectSaved(name: string, lines: readonly string[]): Promise<void> {
  await expect(readable(lines)).toMatchFileSnapshot(`colored/${name}.txt`);
}

test('why', async () => {
  await expectSaved('why', whyText(saved('why'), { describeErrno, paint, detail: 'everything' }));
});

test('why --on', async () => {
  const document = { ...saved('why'), on: 'ssh box', way: 'ss' };
  await expectSaved('why-on', whyText(document, { describeErrno, paint, detail: 'what matters' }));
});

test('restart', async () => {
  await expectSaved('restart', restartText(saved('restart'), paint));
});

test('claims', async () => {
  const { claims, environment, machine } = saved('claims');
  const none = { under: null, refutedUnder: null, reason: null, evidence: [] };
  const refuted = { ...claims[0], ...none, id: 'C02', finding: 'refuted' };
  const cases = [{ part: 'some', text: 'a part', finding: 'not decided', ...none, reason: 'it was not run' }];
  await expectSaved(
    'claims',
    ledgerText(
      { schemaVersion: 1, environment, machine, claims: [...claims, { ...refuted, cases }] },
      'all evidence',
      paint,
    ),
  );
});

test('matrix', async () => {
  const addresses = { name: 'same', old: '127.0.0.1', new: '127.0.0.1' };
  const options = ['none', 'addr', 'port', 'both'];
  const cells = ['LISTEN', 'TIME_WAIT'].flatMap((remains) =>
    options.flatMap((old) =>
      options.map((to): TableCell => {
        const passes = old === to && old !== 'none';
        const listen = remains === 'LISTEN' && old === 'addr' ? 'EADDRINUSE' : 'ok';
        return { remains, old, new: to, addresses, bind: passes ? 'ok' : 'EADDRINUSE', listen };
      }),
    ),
  );
  await expectSaved('matrix', matrixText(cells, paint));
});

test('explain', async () => {
  const word = {
    name: 'TIME_WAIT',
    kind: 'state',
    text: 'This side closed first.',
    here: '3 sockets',
  } as const;
  const document = {
    schemaVersion: 1,
    type: 'word',
    ...word,
    source: 'RFC 9293',
    shownBy: ['server-first'],
  } as const;
  await expectSaved('explain', explainText({ ...document, shownBy: [...document.shownBy] }, paint));
});

test('watch', async () => {
  const ends = { local: { address: '127.0.0.1', port: 80 }, remote: { address: '127.0.0.1', port: 50_512 } };
  const common = {
    schemaVersion: 1,
    at: new Date(2026, 0, 1, 12, 0, 1, 250).toISOString(),
    atMs: 250,
  } as const;
  const transition = { ...common, type: 'transition', ...ends, from: 'FIN_WAIT2', to: 'TIME_WAIT' } as const;
  const row = {
    state: 'TIME_WAIT',
    count: 2,
    atOtherEnd: 2,
    leftMs: 59_000,
    processes: [],
    processCount: 0,
    ownerless: 2,
    oldestMs: null,
    growthPerSecond: null,
  } as const;
  await expectSaved('watch', [
    ...transitionLines([{ ...transition, leftMs: 60_000, processes: [] }], paint),
    ...tableLines([{ ...row, atPort: 0, processes: [] }], paint),
  ]);
});

const environment: Environment = {
  ...{ kernel: '6.18.0', arch: 'x64', node: '20.20.2' },
  ...{ observer: 'ss', observerVersion: 'iproute2-6.1.0', user: 1000 },
};
const agreed: Check = {
  ...{ title: 'server', expected: 'TIME_WAIT', observed: 'TIME_WAIT, no process, 59 s left' },
  ...{ verdict: 'as expected', note: 'it closed first', bearings: [], raw: null },
  location: { file: 'scenarios/mine.ts', line: 12 },
};
const contradicted: Check = {
  ...agreed,
  verdict: 'contradicted',
  observed: 'no socket',
  raw: 'State Recv-Q',
};
const run: readonly Event[] = [
  {
    type: 'run started',
    run: { scenario: 'mine', title: 'The side that closes first waits', claim: 'So it is.', parameters: {} },
    environment,
    at: 0,
  },
  { type: 'step', number: 1, title: 'the server closes', look: 'ss -tan', at: 0 },
  { type: 'peer', name: 'server', pid: 4242, description: '127.0.0.1:80, pid 4242', at: 0 },
  { type: 'action', who: 'server', verb: 'end', detail: '', made: 'really', at: 0 },
  { type: 'check', check: agreed, at: 0 },
  { type: 'check', check: contradicted, at: 0 },
  { type: 'run finished', outcome: { state: 'failed' }, durationMs: 1234 },
];

function written(create: (write: (text: string) => void) => void): string[] {
  let text = '';
  create((more) => {
    text += more;
  });
  return text.split('\n');
}

test('demo', async () => {
  const lines = written((write) => {
    const style = { detail: 'everything', counters: 'shown', pace: 'step by step', ladder: 'box' } as const;
    const transcript = new Transcript({ write }, paint, style);
    for (const event of run) transcript.onEvent(event);
  });
  await expectSaved('demo', lines);
});

test.each([
  [0, false],
  [250, true],
])('of a load that is interrupted after a sample of %i something is said: %j', (done, isSaid) => {
  const outcomes = done === 0 ? {} : { ok: done };
  const lines = written((write) => {
    const style = { detail: 'checks', counters: 'not shown', pace: 'at once', ladder: 'box' } as const;
    const transcript = new Transcript({ write }, paint, style);
    for (const event of run.slice(0, 2)) transcript.onEvent(event);
    transcript.onEvent({
      type: 'load',
      sample: { atMs: 0, done, of: 10_000, outcomes, perSecond: 0, timeWaits: 0 },
    });
    transcript.onEvent({
      type: 'run finished',
      outcome: { state: 'interrupted', reason: 'SIGINT' },
      durationMs: 150,
    });
  });
  expect(lines.join('\n').includes('of 10,000 connections')).toBe(isSaid);
});

test('test', async () => {
  const of = { type: 'of scenario', topic: 'order', round: 1 } as const;
  const finished = (
    scenario: string,
    outcome: Extract<Event, { type: 'run finished' }>['outcome'],
  ): SuiteEvent => ({
    ...{ ...of, scenario },
    event: { type: 'run finished', outcome, durationMs: 1234 },
  });
  const names = ['mine', 'yours', 'skipped', 'late', 'never'];
  const events: readonly SuiteEvent[] = [
    {
      type: 'suite started',
      scenarios: names.map((name) => ({ name, topic: 'order', round: 1, takesMs: 1000 })),
    },
    { ...of, scenario: 'mine', event: { type: 'check', check: contradicted, at: 0 } },
    finished('mine', { state: 'failed' }),
    finished('yours', { state: 'passed' }),
    finished('skipped', { state: 'skipped', reason: 'no private network can be made' }),
    finished('late', { state: 'interrupted', reason: 'SIGINT' }),
    { type: 'suite finished', outcome: 'interrupted', durationMs: 5000 },
  ];
  const lines = written((write) => {
    const text = new SuiteText({ command: 'test', output: { write }, paint, progress: 'none' });
    for (const event of events) text.onEvent(event);
  });
  await expectSaved('test', lines);
});
