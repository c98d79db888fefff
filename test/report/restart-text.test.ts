import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reportAtEnd } from '../../src/report/ci.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { escapeXml } from '../../src/report/junit.ts';
import { createPaint } from '../../src/report/paint.ts';
import type { ReporterName } from '../../src/report/reporters.ts';
import { restartCases } from '../../src/report/restart/cases.ts';
import { restartText } from '../../src/report/restart/text.ts';
import { written } from '../support/reports.ts';

const paint = await createPaint('never', false);
const saved: RestartDocument = JSON.parse(
  readFileSync(new URL('saved/restart.json', import.meta.url), 'utf8'),
);
const first = saved.runs[0] as RestartDocument['runs'][number];

function changed(change: Partial<typeof first>): RestartDocument {
  return { ...saved, runs: [{ ...first, ...change }] };
}

function reported(name: ReporterName, document: RestartDocument): Promise<string> {
  return written(name, 'restart', (reporter) =>
    reportAtEnd(reporter, document, {
      ...{ cases: restartCases(document), lines: [], durationMs: 1234, summary: null },
    }),
  );
}

test('a command of several lines is one line in every report', async () => {
  const document = { ...saved, command: ['sh', '-c', '\n# start it\nexec node server.js'] };
  const shown = "sh -c $'\\n# start it\\nexec node server.js'";
  expect(restartText(document, paint)[0]).toBe(shown);
  expect((await reported('junit', document)).split('\n')[2]).toContain(escapeXml(shown));
  expect(
    await reported('github', { ...changed({ verdict: 'survives' }), command: document.command }),
  ).toContain(`${shown} survives`);
});

test.each([
  [{ state: 'on', reason: null }, 'its bind() and listen() were watched'],
  [
    { state: 'off', reason: 'seccomp(2) is refused here (EPERM)' },
    'not watched: seccomp(2) is refused here (EPERM)',
  ],
] as const)('the reports say whether the calls were watched: %j', async (watching, what) => {
  const document = changed({ watching });
  expect(restartText(document, paint).join('\n')).toContain(`calls               ${what}`);
  expect(await reported('tap', document)).toContain(`calls: "${what}`);
  expect(await reported('junit', document)).toContain(`Calls: ${what}`);
  expect(await reported('github', document)).toContain(`(calls: ${what}`);
  expect(await reported('github', changed({ watching, verdict: 'survives' }))).toContain(`(calls: ${what}`);
});

test('a failure that is as an earlier one but for its numbers is described once', () => {
  const again = JSON.parse(
    JSON.stringify(first)
      .replace('in 57 s', 'in 960 ms')
      .replaceAll(/"pid": ?\d+/g, '"pid":77'),
  ) as typeof first;
  const text = restartText({ ...saved, runs: [first, { ...again, signal: 'SIGKILL' }] }, paint).join('\n');
  expect(text.match(/Remedy: /g)).toHaveLength(1);
  expect(text.replace(/\s+/g, ' ')).toContain(
    `✖ does not survive: ${first.cause}, as above (SIGTERM, the clients stay connected)`,
  );
  const other = { ...again, evidence: again.evidence && { ...again.evidence, remedy: 'another' } };
  const both = restartText({ ...saved, runs: [first, other] }, paint).join('\n');
  expect(both.match(/Remedy: /g)).toHaveLength(2);
  expect(both).not.toContain('as above');
});

test.each([
  ['restart', 'SIGTERM, the clients stay connected'],
  ['restart under load', 'SIGTERM, under load'],
  ['reload', 'reload by SIGTERM, under load'],
  ['handover', 'handover, then SIGTERM, under load'],
] as const)('an interrupted %s is called that, and gives no verdict', async (way, title) => {
  const reason = 'interrupted (SIGINT)';
  const nothing = { evidence: null, cause: null, load: null, outageMs: null };
  const document: RestartDocument = {
    ...changed({ ...nothing, way, verdict: 'not decided', reason }),
    verdict: 'not decided',
  };
  expect(restartText(document, paint).slice(-2)).toEqual([title, `  ${reason}`]);
  const markdown = await reported('markdown', document);
  expect(markdown).toContain('**interrupted**');
  for (const text of [markdown, restartText(document, paint).join('\n')])
    expect(text).not.toMatch(/not decided|survives|loses/);
});

test('calls that failed alike are listed once, with their number', () => {
  const { evidence } = first;
  const [call] = evidence?.secondStart?.calls.filter(({ result }) => result === 'EADDRINUSE') ?? [];
  if (evidence?.secondStart == null || call === undefined)
    throw new Error('the saved run has no failed call');
  const secondStart = { ...evidence.secondStart, calls: [call, call, { ...call, port: 8081 }, call] };
  const lines = restartText(changed({ evidence: { ...evidence, secondStart } }), paint);
  const told = lines.filter((line) => line.startsWith('  its bind()'));
  expect(told).toHaveLength(2);
  expect(lines.join(' ').replace(/\s+/g, ' ')).toMatch(/EADDRINUSE pid \d+ \S+ 3 times/);
});

test('the output of the server keeps its indentation', () => {
  expect(restartText(saved, paint)).toContain('        File "server.py", line 9, in <module>');
});

test('restarts side by side fit into 60 columns, and name the order only if it differs', () => {
  const row = { ...first, cause: 'surviving-listener', outageMs: 12_345 } as const;
  const table = (...runs: RestartDocument['runs']) =>
    restartText({ ...saved, runs }, paint).slice(-(runs.length + 1));
  const alike = table(row, { ...row, verdict: 'not decided' });
  expect(alike).toEqual([
    'signal   clients  verdict      outage  cause',
    'SIGTERM  stay     fails        12 s    surviving-listener',
    'SIGTERM  stay     not decided  12 s    surviving-listener',
  ]);
  expect(Math.max(...alike.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(table(row, { ...row, order: 'client-first' })[0]).toBe(
    'signal   clients  order         verdict  outage  cause',
  );
});
