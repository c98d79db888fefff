import type { Event } from '../events.ts';
import { type RunDocument, RunRecorder } from './documents/run.ts';
import type { Reporter } from './reporter.ts';
import { caseOfRun } from './suite/cases.ts';
import { levels, plain } from './suite/report.ts';

/** Reports the events of one run, and the document and the case made from them. */
export function reportRun(
  scenario: string,
  reporter: Required<Reporter<Event, RunDocument>>,
): Reporter<Event> {
  const recorder = new RunRecorder(scenario, (document) => {
    const { outcome, durationMs, checks } = document;
    const contradicted = checks.filter(({ verdict }) => verdict === 'contradicted').length;
    const text = `${scenario}: ${outcome}, ${contradicted} of ${checks.length} checks contradicted`;
    reporter.onBegin(1);
    reporter.onCase(caseOfRun(document));
    reporter.onEnd(document, { durationMs, summary: { level: levels[outcome], text }, cutShort: null });
  });
  return {
    onEvent(event) {
      reporter.onEvent(event);
      reporter.onLine(plain(event));
      recorder.onEvent(event);
    },
  };
}
