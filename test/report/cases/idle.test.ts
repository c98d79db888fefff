import { describe, expect, test } from 'vitest';
import type { IdleDocument } from '../../../src/report/documents/idle.ts';
import { idleCases } from '../../../src/report/idle/cases.ts';
import { saved } from '../saved.ts';
import { states, words } from './results.ts';

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
