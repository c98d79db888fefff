import { describe, expect, test } from 'vitest';
import { checkSaying, errored, findingFrom, findingOf, interrupted, passed, runOf, says } from './said.ts';

describe('a claim', () => {
  test('holds if the run was completed', () => {
    expect(findingOf('C30', [[says('holds')]])).toMatchObject({
      finding: 'holds',
      under: null,
      reason: null,
    });
  });

  test.each([
    [errored, 'scenario 0: too slow to see'],
    [interrupted, 'scenario 0: Ctrl-C'],
  ])('is not decided by a run that did not: %j', (outcome, reason) => {
    expect(findingOf('C30', [[says('holds')]], outcome)).toMatchObject({ finding: 'not decided', reason });
  });

  test('is not decided by a run that has not ended', () => {
    const run = { ...runOf('C30', undefined), checks: [checkSaying(says('holds'))] };
    expect(findingFrom('C30', [run])).toMatchObject({ finding: 'not decided', evidence: [] });
  });

  test('holds even if another check of the run was contradicted', () => {
    expect(findingOf('C30', [[says('holds')]], { state: 'failed' })).toMatchObject({
      finding: 'holds',
    });
  });

  test('does not apply if one check finds that and no other check finds more, and shows that check', () => {
    const found = findingOf('C30', [[says('does not apply')]]);
    expect(found).toMatchObject({ finding: 'does not apply', reason: null });
    expect(found?.evidence).toEqual([
      {
        scenario: 'scenario 0',
        title: 'a check',
        expected: 'this',
        observed: 'that',
        finding: 'does not apply',
        under: null,
      },
    ]);
    expect(findingOf('C30', [[says('does not apply'), says('holds')]])).toMatchObject({ finding: 'holds' });
  });

  test('is decided only by the scenarios that say that they decide it', () => {
    const other = { ...runOf('C42', passed), name: 'other', checks: [checkSaying(says('refuted'))] };
    const own = { ...runOf('C30', passed), name: 'own', checks: [checkSaying(says('holds'))] };
    expect(findingFrom('C30', [other, own])).toMatchObject({ finding: 'holds', scenarios: ['own'] });
  });

  test.each([
    ['no scenario decides it', [], 'no scenario decides it yet'],
    ['none was run', [runOf('C30', undefined)], 'scenario: was not run'],
    [
      'a slow one was not run',
      [runOf('C30', undefined, 'it waits')],
      'scenario: slow, because it waits: add --slow',
    ],
    [
      'none checked it, since it takes more',
      [
        {
          ...runOf('C30', passed),
          scenario: { decides: ['C30'] as const, needsFor: { C30: 'no log: run as root' }, slow: null },
        },
      ],
      'scenario: no log: run as root',
    ],
    [
      'one passed that checks other parts, and one was not run',
      [runOf('C30', passed), { ...runOf('C30', undefined), name: 'other' }],
      'other: was not run',
    ],
    [
      'none checked it',
      [runOf('C30', passed)],
      'scenario: did not check it here: "tcpclose demo scenario" says why',
    ],
    [
      'a run failed before it did',
      [runOf('C30', { state: 'failed' })],
      'scenario: was contradicted before it checked the claim',
    ],
    [
      'a run failed, and says why',
      [runOf('C30', { state: 'failed', reason: 'it left' })],
      'scenario: it left',
    ],
    ['it was skipped', [runOf('C30', { state: 'skipped', reason: 'no ss' })], 'scenario: no ss'],
    [
      'each of two has its reason',
      [runOf('C30', errored), runOf('C30', interrupted)],
      'scenario: too slow to see; scenario: Ctrl-C',
    ],
  ])('says why it is not decided where %s', (_, runs, reason) => {
    expect(findingFrom('C30', runs)).toMatchObject({ finding: 'not decided', reason, evidence: [] });
  });

  test.each([{ state: 'failed' } as const, errored, interrupted])(
    'is refuted by one observation, whatever became of the run: %j',
    (outcome) => {
      expect(findingOf('C30', [[says('holds'), says('refuted')]], outcome)).toMatchObject({
        finding: 'refuted',
        under: null,
      });
    },
  );

  test('is not decided if something else was observed, and the reason names it', () => {
    expect(findingOf('C30', [[says('holds')], [says('not decided')]])).toMatchObject({
      finding: 'not decided',
      reason: 'scenario 1: a check: that, instead of this',
    });
  });

  test('holds under its settings, and is refuted under others', () => {
    const both = [says('holds', 'tcp_rfc1337=1'), says('refuted', 'tcp_rfc1337=0')];
    expect(findingOf('C30', [both])).toMatchObject({
      finding: 'holds under',
      under: 'tcp_rfc1337=1',
      refutedUnder: 'tcp_rfc1337=0',
    });
  });

  test.each([
    ['one scenario shows it without any', [[says('holds', 'a')], [says('holds')]], 'holds', null],
    ['each scenario needs its own', [[says('holds', 'a')], [says('holds', 'b')]], 'holds under', 'a or b'],
    ['two checks of a scenario need both', [[says('holds', 'a'), says('holds', 'b')]], 'holds under', 'a, b'],
    ['a check of the scenario needs it', [[says('holds', 'a'), says('holds')]], 'holds under', 'a'],
    ['it was refuted without any', [[says('holds', 'a'), says('refuted')]], 'refuted', null],
    ['it holds under none', [[says('refuted', 'a')]], 'refuted', null],
  ] as const)('says the settings under which it holds where %s', (_, scenarios, finding, under) => {
    expect(findingOf('C30', scenarios)).toMatchObject({ finding, under });
  });
});
