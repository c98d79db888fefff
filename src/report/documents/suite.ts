import * as v from 'valibot';
import type { SuiteOutcome } from '../../events.ts';
import type { Result, Results } from '../suite/results.ts';
import { check, checkDocument, type DocumentOf, environment, outcome, schemaVersion } from './parts.ts';
import { reasonOf } from './run.ts';

/** What `tcpclose test --reporter json` prints. */
export const suiteDocument = v.object({
  schemaVersion,
  outcome,
  environment: v.nullable(environment),
  scenarios: v.array(
    v.object({
      scenario: v.string(),
      topic: v.string(),
      round: v.number(),
      outcome,
      reason: v.nullable(v.string()),
      checks: v.array(check),
      durationMs: v.number(),
      attempts: v.pipe(
        v.optional(v.number(), 1),
        v.description('more than 1 if it ran again, because the machine was too slow to see a state'),
      ),
    }),
  ),
  neverRun: v.pipe(
    v.number(),
    v.description('runs that had not begun when it was interrupted or had to stop'),
  ),
  durationMs: v.number(),
});

export type SuiteDocument = DocumentOf<typeof suiteDocument>;

export function suiteDocumentOf(results: Results, outcome: SuiteOutcome, durationMs: number): SuiteDocument {
  return {
    schemaVersion: 1,
    outcome,
    environment: results.environment,
    scenarios: results.finished.map(resultDocument),
    neverRun: results.neverRun,
    durationMs: Math.round(durationMs),
  };
}

export function resultDocument({
  scenario,
  topic,
  round,
  outcome,
  checks,
  durationMs,
  attempts,
}: Result): SuiteDocument['scenarios'][number] {
  return {
    ...{ scenario, topic, round },
    outcome: outcome.state,
    reason: reasonOf(outcome),
    checks: checks.map(checkDocument),
    durationMs: Math.round(durationMs),
    attempts,
  };
}
