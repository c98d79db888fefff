import { type Case, type CaseResult, problem } from '../ci.ts';
import type { RunDocument } from '../documents/run.ts';
import { resultDocument, type SuiteDocument } from '../documents/suite.ts';
import type { Result } from './results.ts';

type Scenario = SuiteDocument['scenarios'][number];

/** The case of a scenario that has ended. */
export function caseOf(result: Result): Case {
  return caseOfScenario(resultDocument(result));
}

/** The cases of a saved document: they equal those of the run that wrote it. */
export function casesOfSuite({ scenarios }: SuiteDocument): Case[] {
  return scenarios.map(caseOfScenario);
}

/** The case of a single run. It has no topic, because it may come from the user's own file. */
export function caseOfRun({ scenario, outcome, reason, checks, durationMs }: RunDocument): Case {
  return caseOfScenario({
    scenario,
    topic: 'demo',
    round: 1,
    attempts: 1,
    outcome,
    reason,
    checks,
    durationMs,
  });
}

function caseOfScenario(result: Scenario): Case {
  const { scenario, topic, round, durationMs, outcome } = result;
  const name = round === 1 ? scenario : `${scenario} (round ${round})`;
  const isFine = outcome === 'passed' || outcome === 'skipped';
  return {
    suite: topic,
    className: `tcpclose.${topic}`,
    name,
    title: `${topic}/${name}`,
    durationMs,
    result: resultOf(result),
    facts: isFine ? {} : factsOf(result),
    warnings: [],
  };
}

function resultOf(result: Scenario): CaseResult {
  const reason = result.reason ?? '';
  switch (result.outcome) {
    case 'passed':
      return { state: 'passed', remark: result.attempts > 1 ? again(result.attempts) : null };
    case 'skipped':
      return { state: 'skipped', reason };
    case 'errored':
      return { state: 'errored', problems: [problem(reason)] };
    case 'interrupted':
      return { state: 'undecided', problems: [problem(`interrupted: ${reason}`)] };
    case 'failed': {
      const problems = contradicted(result).map(({ title, expected, observed, raw, location }) =>
        problem(`${title}: expected ${expected}, observed ${observed}`, { text: raw ?? '', location }),
      );
      const whole = problem(result.reason ?? 'contradicted');
      return { state: 'failed', problems: problems.length > 0 ? problems : [whole] };
    }
  }
}

function again(attempts: number): string {
  return `passed at attempt ${attempts}: before, the machine was too slow to see a state`;
}

function contradicted({ checks }: Scenario): Scenario['checks'] {
  return checks.filter(({ verdict }) => verdict === 'contradicted');
}

function factsOf(result: Scenario): Case['facts'] {
  return {
    outcome: result.outcome,
    reason: result.reason,
    duration_ms: result.durationMs,
    contradicted: contradicted(result).map(({ title, expected, observed, location }) => ({
      ...{ title, expected, observed },
      at: location === null ? null : `${location.file}:${location.line}`,
    })),
  };
}
