import { messageOf } from '../../errors.ts';
import { type Case, type CaseResult, problem } from '../ci.ts';
import { reasonOf } from '../documents/run.ts';
import { contradictions, type Result, titleOf } from './results.ts';

/** What CI knows of a scenario that has ended. */
export function caseOf(result: Result): Case {
  const { topic, durationMs, outcome } = result;
  const title = titleOf(result);
  const isFine = outcome.state === 'passed' || outcome.state === 'skipped';
  return {
    suite: topic,
    className: `tcpclose.${topic}`,
    name: title.slice(topic.length + 1),
    title,
    durationMs,
    result: resultOf(result),
    facts: isFine ? {} : factsOf(result),
    warnings: [],
  };
}

function resultOf(result: Result): CaseResult {
  const { outcome } = result;
  switch (outcome.state) {
    case 'passed':
      return { state: 'passed', remark: null };
    case 'skipped':
      return { state: 'skipped', reason: outcome.reason };
    case 'errored':
      return { state: 'errored', problems: [problem(messageOf(outcome.error))] };
    case 'interrupted':
      return { state: 'undecided', problems: [problem(`interrupted: ${outcome.reason}`)] };
    case 'failed': {
      const problems = contradictions(result).map(({ title, expected, observed, raw, location }) =>
        problem(`${title}: expected ${expected}, observed ${observed}`, { text: raw ?? '', location }),
      );
      const reason = outcome.reason ?? 'contradicted';
      return { state: 'failed', problems: problems.length > 0 ? problems : [problem(reason)] };
    }
  }
}

function factsOf(result: Result): Case['facts'] {
  return {
    outcome: result.outcome.state,
    reason: reasonOf(result.outcome),
    duration_ms: Math.round(result.durationMs),
    contradicted: contradictions(result).map(({ title, expected, observed, location }) => ({
      ...{ title, expected, observed },
      at: location === null ? null : `${location.file}:${location.line}`,
    })),
  };
}
