import type { SuiteEvent } from '../../events.ts';
import { formatSpan } from '../../time.ts';
import { reasonOf } from '../documents/run.ts';
import { annotation } from '../github.ts';
import type { Output } from '../reporter.ts';
import type { SuiteReporter } from './reporters.ts';
import { contradictions, type Result, Results, titleOf } from './results.ts';
import { tally } from './tally.ts';

/** Annotations for GitHub Actions: one for each scenario that did not pass, and the sum of all. */
export class Github implements SuiteReporter {
  readonly #output: Output;
  readonly #results = new Results();

  constructor(output: Output) {
    this.#output = output;
  }

  on(event: SuiteEvent): void {
    const result = this.#results.on(event);
    if (result !== undefined) for (const line of annotationsOf(result)) this.#output.write(`${line}\n`);
    if (event.type !== 'suite finished') return;
    const level = levels[event.outcome] ?? 'notice';
    const text = `${tally(this.#results)} in ${formatSpan(event.durationMs)}`;
    this.#output.write(`${annotation(level, 'tcpclose test', text)}\n`);
  }
}

/** Skipped ones are counted, and named nowhere: a run shows ten annotations of a kind at most. */
const levels: Readonly<Partial<Record<Result['outcome']['state'], 'warning' | 'error'>>> = {
  failed: 'error',
  errored: 'error',
  interrupted: 'warning',
};

function annotationsOf(result: Result): string[] {
  const level = levels[result.outcome.state];
  return level === undefined ? [] : [annotation(level, `tcpclose: ${titleOf(result)}`, describe(result))];
}

function describe(result: Result): string {
  const reason = reasonOf(result.outcome);
  const checks = contradictions(result).map(
    ({ title, expected, observed }) => `${title}: expected ${expected}, observed ${observed}`,
  );
  return [...(reason === null ? [] : [reason]), ...checks].join('\n');
}
