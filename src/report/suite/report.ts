import type { Event, SuiteEmit, SuiteEvent } from '../../events.ts';
import { formatSpan } from '../../time.ts';
import type { Summary } from '../ci.ts';
import { checkDocument } from '../documents/parts.ts';
import { reasonOf } from '../documents/run.ts';
import { type SuiteDocument, suiteDocumentOf } from '../documents/suite.ts';
import type { Reporter } from '../reporter.ts';
import { caseOf } from './cases.ts';
import { Results } from './results.ts';
import { tally } from './tally.ts';

/** Reports the events of a suite, and the results made from them. */
export function reportSuite(reporter: Required<Reporter<SuiteEvent, SuiteDocument>>): SuiteEmit {
  const results = new Results();
  return (event) => {
    const result = results.on(event);
    if (event.type === 'suite started') reporter.onBegin(event.scenarios.length);
    reporter.onEvent(event);
    reporter.onLine(lineOf(event));
    if (result !== undefined) reporter.onCase(caseOf(result));
    if (event.type !== 'suite finished') return;
    const { outcome, durationMs } = event;
    reporter.onEnd(suiteDocumentOf(results, outcome, durationMs), {
      durationMs,
      summary: { level: levels[outcome], text: `${tally(results)} in ${formatSpan(durationMs)}` },
      cutShort: outcome === 'interrupted' ? `interrupted, ${results.neverRun} never ran` : null,
    });
  };
}

export const levels = {
  passed: 'notice',
  skipped: 'notice',
  failed: 'error',
  errored: 'error',
  interrupted: 'warning',
} as const satisfies Record<string, Summary['level']>;

function lineOf(event: SuiteEvent): object {
  if (event.type !== 'of scenario') return event;
  const { scenario, topic, round } = event;
  return { scenario, topic, round, ...plain(event.event) };
}

// Replaces what JSON would lose, or would show in other words than the documents do.
export function plain(event: Event): object {
  switch (event.type) {
    case 'check':
      return { type: event.type, ...checkDocument(event.check) };
    case 'run finished': {
      const { type, outcome, durationMs } = event;
      return { type, outcome: outcome.state, reason: reasonOf(outcome), durationMs: Math.round(durationMs) };
    }
    default:
      return event;
  }
}
