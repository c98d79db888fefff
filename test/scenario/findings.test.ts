import { describe, expect, test } from 'vitest';
import type { Bearing, Check, Outcome } from '../../src/events.ts';
import type { ClaimId } from '../../src/scenario/claims.ts';
import { type About, checkOf } from '../../src/scenario/expect/report.ts';
import { type ClaimFinding, findingsOf } from '../../src/scenario/findings.ts';

const errored: Outcome = { state: 'errored', error: new Error('too slow to see') };
const interrupted: Outcome = { state: 'interrupted', reason: 'Ctrl-C' };
const passed: Outcome = { state: 'passed' };

type Said = Pick<Bearing, 'claim' | 'finding'> & Partial<Pick<Bearing, 'under'>>;

function checkSaying(...said: readonly Said[]): Check {
  return {
    title: 'a check',
    expected: 'this',
    observed: 'that',
    verdict: 'as expected',
    note: null,
    bearings: said.map((one) => ({ under: null, ...one })),
    raw: null,
    location: null,
  };
}

type Run = Parameters<typeof findingsOf>[0][number];

/** What is found of a claim from one scenario for each of these lists of what checks say. */
function findingOf(
  id: ClaimId,
  scenarios: readonly (readonly Said[])[],
  outcome: Outcome | undefined = passed,
): ClaimFinding | undefined {
  return findingFrom(
    id,
    scenarios.map((said, i) => ({
      ...runOf(id, outcome),
      name: `scenario ${i}`,
      checks: said.map((one) => checkSaying(one)),
    })),
  );
}

function findingFrom(id: ClaimId, runs: readonly Run[]): ClaimFinding | undefined {
  return findingsOf(runs).find((finding) => finding.id === id);
}

/** A run without a check. */
function runOf(id: ClaimId, outcome: Outcome | undefined, slow: string | null = null): Run {
  return { name: 'scenario', scenario: { decides: [id], needsFor: {}, slow }, outcome, checks: [] };
}

const says = (finding: Bearing['finding'], under: string | null = null): Said => ({
  ...{ claim: 'C30', finding, under },
});

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

describe('a claim of several parts', () => {
  const destroyed = { claim: 'C43/destroyed', finding: 'holds' } as const;
  const logged = { claim: 'C43/logged', finding: 'holds' } as const;
  const usual = { claim: 'C43/default', finding: 'holds' } as const;
  const partsOf = (finding: ClaimFinding | undefined) =>
    Object.fromEntries(finding?.parts.map((one) => [one.part, one.finding]) ?? []);

  test('holds if all of them do, and shows the checks of each', () => {
    const found = findingOf('C43', [[destroyed, logged, usual]]);
    expect(found).toMatchObject({ finding: 'holds', under: null, refutedUnder: null, reason: null });
    expect(found?.evidence.map(({ finding }) => finding)).toEqual(['holds', 'holds', 'holds']);
  });

  test('does not apply if no part of it applies', () => {
    const none = [destroyed, logged, usual].map((one) => ({ ...one, finding: 'does not apply' }) as const);
    const found = findingOf('C43', [none]);
    expect(found).toMatchObject({ finding: 'does not apply', reason: null });
    expect(found?.evidence).toHaveLength(3);
  });

  test('is refuted by one of them, and each has a finding of its own', () => {
    const found = findingOf('C43', [[destroyed, { ...logged, finding: 'refuted' }, usual]]);
    expect(found?.finding).toBe('refuted');
    expect(partsOf(found)).toEqual({ default: 'holds', destroyed: 'holds', logged: 'refuted' });
  });

  test('is not decided as long as a part is not decided', () => {
    expect(findingOf('C43', [[destroyed, usual]])).toMatchObject({
      finding: 'not decided',
      reason: expect.stringMatching(/^a warning is logged: scenario 0: did not check it here/),
    });
  });

  test('holds under the settings that a part needs', () => {
    const found = findingOf('C43', [[{ ...destroyed, under: 'a' }, logged, usual]]);
    expect(found).toMatchObject({ finding: 'holds under', under: 'a', refutedUnder: null });
  });

  test('names what several of them need, once each, and under what each was refuted', () => {
    const found = findingOf('C43', [
      [
        { ...destroyed, under: 'a' },
        { ...destroyed, finding: 'refuted', under: 'not a' },
        { ...logged, under: 'b' },
        { ...logged, finding: 'refuted', under: 'not b' },
        { ...logged, finding: 'refuted', under: 'b is 2' },
        { ...usual, under: 'a' },
      ],
    ]);
    expect(found).toMatchObject({
      finding: 'holds under',
      under: 'a, b',
      refutedUnder: 'not a, not b or b is 2',
    });
  });

  test('leaves out the one that does not apply', () => {
    expect(findingOf('C43', [[destroyed, { ...logged, finding: 'does not apply' }, usual]])).toMatchObject({
      finding: 'holds',
    });
  });

  test('is never decided if a part of it cannot be measured', () => {
    const found = findingOf('C56', [[{ claim: 'C56/here', finding: 'holds' }]]);
    expect(found?.finding).toBe('not decided');
    expect(partsOf(found)).toEqual({ here: 'holds', elsewhere: 'not decided' });
    expect(found?.reason).toBe(`${found?.parts[1]?.text}: ${found?.parts[1]?.reason}`);
    expect(found?.parts[1]).toMatchObject({
      reason: 'documented, and not to be measured on this machine',
      evidence: [],
    });
  });

  test('is not changed by what is shown beside it', () => {
    const found = findingOf('C56', [[{ claim: 'C56/2 minutes', finding: 'refuted' }]]);
    expect(found).toMatchObject({
      finding: 'not decided',
      cases: [{ part: '2 minutes', finding: 'refuted' }],
    });
  });
});

describe('a check', () => {
  /** What it says of the claim that it bears on. */
  const saidBy = (about: About, agrees: boolean, found: readonly (string | number)[] = []) =>
    checkOf({ title: 'a check', expected: 'this', observed: 'that', agrees, found }, about).bearings[0]
      ?.finding;

  test.each([
    [{ supports: 'C42' }, 'holds'],
    [{ refutes: 'C42' }, 'refuted'],
    [{ excludes: 'C42' }, 'does not apply'],
  ] as const)('that comes out as expected says what it is for: %j', (about, finding) => {
    expect(saidBy(about, true, ['this'])).toBe(finding);
  });

  test.each([
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT'], 'refuted'],
    [{ refutes: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT'], 'holds'],
    [{ supports: 'C42', otherwise: ['a', 'b'] }, ['b'], 'refuted'],
    [{ supports: 'C42', otherwise: { atLeast: 5 } }, [5], 'refuted'],
    [{ supports: 'C42', otherwise: { atMost: 5 } }, [4, 5], 'refuted'],
    [{ supports: 'C42' }, ['TIME_WAIT'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['gone'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT', 'gone'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, [], 'not decided'],
    [{ supports: 'C42', otherwise: { atLeast: 5 } }, [4, 6], 'not decided'],
    [{ supports: 'C42', otherwise: { atMost: 5 } }, ['4'], 'not decided'],
    [{ excludes: 'C42', otherwise: 'set' }, ['set'], 'not decided'],
  ] as const)(
    'that is contradicted decides only by what the opposite predicts: %j, %j',
    (about, found, said) => {
      expect(saidBy(about, false, found)).toBe(said);
    },
  );
});
