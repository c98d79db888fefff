import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reportAtEnd } from '../../src/report/ci.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import type { LoadDocument } from '../../src/report/documents/restart-load.ts';
import { createPaint } from '../../src/report/paint.ts';
import type { ReporterName } from '../../src/report/reporters.ts';
import { restartCases } from '../../src/report/restart/cases.ts';
import { restartText } from '../../src/report/restart/text.ts';
import { written } from '../support/reports.ts';
import { schemaErrors } from '../support/schema.ts';

const paint = await createPaint('never', false);
const saved: RestartDocument = JSON.parse(
  readFileSync(new URL('saved/restart-load.json', import.meta.url), 'utf8'),
);
type Run = RestartDocument['runs'][number];
const run = saved.runs[0] as Run;
const load = run.load as LoadDocument;
const percent = Math.round((load.lost / load.requests) * 100);

/** The same, but for the losses. */
const nothingLost: RestartDocument = changed({
  verdict: 'survives',
  cause: null,
  load: {
    ...load,
    ...{ verdict: 'loses nothing', lost: 0, losses: [], lostRequests: [], phases: [], reasons: [] },
    kinds: load.kinds.map((kind) => ({
      ...kind,
      lost: 0,
      after: { ...kind.after, closed: 0, refused: 0, reset: 0 },
    })),
  },
});
const tooLittle = changed({
  verdict: 'not decided',
  cause: null,
  reason: 'only 3 requests ended after the signal',
  load: { ...load, verdict: 'too little', reason: 'only 3 requests ended after the signal' },
});

function changed(change: Partial<Run>): RestartDocument {
  return { ...saved, verdict: change.verdict ?? saved.verdict, runs: [{ ...run, ...change }] };
}

function reported(name: ReporterName, document: RestartDocument): Promise<string> {
  return written(name, 'restart', (reporter) =>
    reportAtEnd(reporter, document, {
      ...{ cases: restartCases(document), lines: [], durationMs: 1234, summary: null },
    }),
  );
}

test('the document fits its schema, whatever was lost', () => {
  for (const document of [saved, nothingLost, tooLittle])
    expect(schemaErrors('restart', document)).toEqual([]);
});

test('the text says how the requests ended, by kind of client, and when those without an answer were lost', () => {
  const text = restartText(saved, paint).join('\n');
  expect(text).toContain('load                new=50/s,pooled=10,idle=5,slow=5: GET /, slow /report');
  expect(text).toMatch(/after the signal {4}listener closed \+\d+ ms, exited \+\d+ ms/);
  expect(text).toMatch(/ {12}before {2}answered {2}cut {2}closed {2}refused {2}reset {2}lost\n {4}new /);
  expect(text).toMatch(/slow +\d+ +\d+ +- +\d+ +[-\d]+ +[-\d]+ +\d+\n/);
  expect(text).toMatch(/lost {16}\d+ while the old server drained, \+\d+ ms/);
  expect(text).toMatch(/ \d+ {2}RST: no listener\n/);
  expect(text).toContain(
    `✖ survives, loses ${load.lost} of ${load.requests} requests (${percent}%): no-handler\n    no-handler: `,
  );
  expect(text).toMatch(/Remedy: handle the signal/);
});

test('the text says what showed the end of the listener, the exit, and the begin of the new one', () => {
  const seenBy = (
    listenerSeenBy: LoadDocument['timeline']['listenerSeenBy'],
    exitSeenBy: LoadDocument['timeline']['exitSeenBy'] = 'wait',
  ) => {
    const timeline = { ...load.timeline, listenerSeenBy, exitSeenBy, listensSeenBy: 'table' as const };
    return restartText(changed({ load: { ...load, timeline } }), paint)
      .join(' ')
      .replaceAll(/\s+/g, ' ');
  };
  expect(seenBy('notice')).toMatch(
    /listener closed \(the kernel's notice\) \+\d+ ms, .* listens \(by the table\) \+/,
  );
  expect(seenBy('refused')).toContain('listener closed (a client was refused) +');
  expect(seenBy('exit')).toContain(', exited +');
  expect(seenBy('exit', 'proc')).toContain(', exited (gone from /proc) +');
  expect(seenBy('exit', 'refused')).toContain(', exited (a client was refused) +');
});

test('losses that begin and end at times that read alike have one time', () => {
  const phases = [{ phase: 'draining' as const, lost: 2, first: 16.6, last: 17.4 }];
  const text = restartText(changed({ load: { ...load, phases } }), paint).join('\n');
  expect(text).toContain('2 while the old server drained, +17 ms\n');
});

test('the text says that nothing was lost', () => {
  const text = restartText(nothingLost, paint).join('\n');
  expect(text).toMatch(/✔ survives, loses nothing \(\d+ requests\): \d+ ms outage/);
  expect(text).not.toContain('lost   ');
});

test('a load that shows nothing gives no verdict', () => {
  const text = restartText(tooLittle, paint).join('\n');
  expect(text).toContain('? not decided: only 3 requests ended after the signal');
  expect(text).not.toContain('✔');
});

test('a report for CI and test runners names each loss once', () => {
  const [one] = restartCases(saved);
  const { problems = [] } = one?.result.state === 'failed' ? one.result : {};
  const text = problems[0]?.text ?? '';
  const { losses } = load;
  expect(losses.length).toBeGreaterThan(1);
  const words = text.replaceAll(/\s+/g, ' ');
  for (const { explanation } of losses) expect(words.split(explanation)).toHaveLength(2);
  expect(text).toContain('Other losses:');
});

test.each(['tap', 'junit', 'github'] as const)('%s has the losses, and their causes', async (name) => {
  const losing = await reported(name, saved);
  const message = new RegExp(
    `survives, loses ${load.lost} of ${load.requests} requests \\(${percent}(%|%25)\\)`,
  );
  expect(losing).toMatch(
    name === 'tap' ? new RegExp(`requests: ${load.requests}\\n +lost: ${load.lost}\\n`) : message,
  );
  expect(losing).toContain('no-handler');
  const whole = await reported(name, nothingLost);
  expect(whole).toMatch(name === 'github' ? /survives, loses nothing \(\d+ requests\)/ : /ok 1|lost: 0/);
});
