import { describe, expect, test } from 'vitest';
import type { WatchDocument } from '../../../src/report/documents/watch.ts';
import { watchCases } from '../../../src/report/watch/cases.ts';
import { Outcome } from '../../../src/report/watch/outcome.ts';
import { saved } from '../saved.ts';
import { states, words } from './results.ts';

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
