import { describe, expect, test } from 'vitest';
import type { Bearing, Check, Outcome } from '../../src/events.ts';
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

/** What is found of a claim from one scenario for each of these lists of what checks say. */
function findingOf(
  id: 'C30' | 'C42' | 'C43' | 'C56',
  scenarios: readonly (readonly Said[])[],
  outcome = passed,
): ClaimFinding | undefined {
  const scenario = { decides: [id], slow: null } as const;
  const results = scenarios.map((said, i) => ({
    ...{ name: `scenario ${i}`, scenario, outcome },
    checks: said.map((one) => checkSaying(one)),
  }));
  return findingsOf(results).find((finding) => finding.id === id);
}

const says = (finding: Bearing['finding'], under: string | null = null): Said => ({
  ...{ claim: 'C30', finding, under },
});

describe('a claim', () => {
  test('holds where the run came to its end', () => {
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

  test.each([{ state: 'failed' } as const, errored, interrupted])(
    'is refuted by one observation, whatever became of the run: %j',
    (outcome) => {
      expect(findingOf('C30', [[says('holds'), says('refuted')]], outcome)).toMatchObject({
        finding: 'refuted',
        under: null,
      });
    },
  );

  test('is not decided where something else was seen, and its reason says what', () => {
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

  test('holds if all of them do', () => {
    expect(findingOf('C43', [[destroyed, logged, usual]])).toMatchObject({ finding: 'holds', reason: null });
  });

  test('is refuted by one of them, and each has a finding of its own', () => {
    const found = findingOf('C43', [[destroyed, { ...logged, finding: 'refuted' }, usual]]);
    expect(found?.finding).toBe('refuted');
    expect(partsOf(found)).toEqual({ default: 'holds', destroyed: 'holds', logged: 'refuted' });
  });

  test('is not decided as long as one of them is not', () => {
    expect(findingOf('C43', [[destroyed, usual]])).toMatchObject({
      finding: 'not decided',
      reason: expect.stringMatching(/^a warning is logged: scenario 0: did not check it here/),
    });
  });

  test('holds under what one of them needs', () => {
    const found = findingOf('C43', [[{ ...destroyed, under: 'a' }, logged, usual]]);
    expect(found).toMatchObject({ finding: 'holds under', under: 'a' });
  });

  test('leaves out the one that does not apply', () => {
    expect(findingOf('C43', [[destroyed, { ...logged, finding: 'does not apply' }, usual]])).toMatchObject({
      finding: 'holds',
    });
  });

  test('is never decided where a part of it is not to be measured', () => {
    const found = findingOf('C56', [[{ claim: 'C56/here', finding: 'holds' }]]);
    expect(found?.finding).toBe('not decided');
    expect(partsOf(found)).toEqual({ here: 'holds', elsewhere: 'not decided' });
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
