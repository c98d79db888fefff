import type { Event, SuiteEvent } from '../../events.ts';
import { checkDocument } from '../documents/parts.ts';
import { reasonOf } from '../documents/run.ts';
import type { Output } from '../reporter.ts';
import type { SuiteReporter } from './reporters.ts';

/** One line of JSON for every event, as it happens. */
export class Ndjson implements SuiteReporter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  on(event: SuiteEvent): void {
    this.#output.write(`${JSON.stringify(flat(event))}\n`);
  }
}

function flat(event: SuiteEvent): unknown {
  if (event.type !== 'of scenario') return event;
  const { scenario, topic, round } = event;
  return { scenario, topic, round, ...plain(event.event) };
}

// What JSON would lose, or show in other words than the documents do.
function plain(event: Event): object {
  switch (event.type) {
    case 'check':
      return { type: event.type, ...checkDocument(event.check, 0), step: undefined };
    case 'run finished': {
      const { type, outcome, durationMs } = event;
      return { type, outcome: outcome.state, reason: reasonOf(outcome), durationMs: Math.round(durationMs) };
    }
    default:
      return event;
  }
}
