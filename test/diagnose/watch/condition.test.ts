import { describe, expect, test } from 'vitest';
import { Ages } from '../../../src/diagnose/watch/ages.ts';
import { holds, parseConditions } from '../../../src/diagnose/watch/condition.ts';
import { Flow } from '../../../src/diagnose/watch/rates.ts';
import { tableOf } from '../../../src/diagnose/watch/table.ts';
import { states } from '../../../src/state.ts';

describe('a condition is read', () => {
  test.each([
    ['TIME_WAIT=0', [{ state: 'TIME_WAIT', comparison: '=', count: 0 }]],
    ['time-wait == 0', [{ state: 'TIME_WAIT', comparison: '=', count: 0 }]],
    ['ESTAB>=2', [{ state: 'ESTABLISHED', comparison: '>=', count: 2 }]],
    ['FIN-WAIT-2!=1', [{ state: 'FIN_WAIT2', comparison: '!=', count: 1 }]],
    [
      'LISTEN=1, ESTABLISHED<3',
      [
        { state: 'LISTEN', comparison: '=', count: 1 },
        { state: 'ESTABLISHED', comparison: '<', count: 3 },
      ],
    ],
  ])('%s', (text, conditions) => {
    expect(parseConditions(text)).toEqual(conditions);
  });

  test.each(states)('%s is a state', (state) => {
    expect(parseConditions(`${state}=1`)).toMatchObject([{ state }]);
  });

  test.each(['', 'TIME_WAIT', 'TIME_WAIT=', 'TIME_WAIT=-1', 'TIME_WAIT=x', 'NOPE=0', 'TIME_WAIT=0,', '=0'])(
    '%j is refused',
    (text) => {
      expect(() => parseConditions(text)).toThrow(/is not a condition: give a state/);
    },
  );
});

test('the count of a missing state is 0', () => {
  const table = tableOf(80, [], { ages: new Ages(), flow: new Flow() });
  expect(parseConditions('TIME_WAIT=0,LISTEN<1').every((condition) => holds(condition, table))).toBe(true);
  expect(parseConditions('TIME_WAIT>0').every((condition) => holds(condition, table))).toBe(false);
});
