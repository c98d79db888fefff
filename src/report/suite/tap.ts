import type { SuiteEvent } from '../../events.ts';
import { reasonOf } from '../documents/run.ts';
import type { Output } from '../reporter.ts';
import { tapHeading, tapPoint } from '../tap.ts';
import type { SuiteReporter } from './reporters.ts';
import { contradictions, type Result, Results, titleOf } from './results.ts';

/** A test point for each scenario, as it ends. */
export class Tap implements SuiteReporter {
  readonly #output: Output;
  readonly #results = new Results();

  constructor(output: Output) {
    this.#output = output;
  }

  on(event: SuiteEvent): void {
    if (event.type === 'suite started') this.#lines(tapHeading(event.scenarios.length));
    const result = this.#results.on(event);
    if (result !== undefined) this.#lines(describe(result, this.#results.finished.length));
    if (event.type === 'suite finished' && event.outcome === 'interrupted')
      this.#lines([`Bail out! interrupted, ${this.#results.neverRun} never ran`]);
  }

  #lines(lines: readonly string[]): void {
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
  }
}

function describe(result: Result, number: number): string[] {
  const { outcome } = result;
  const fine = outcome.state === 'passed' || outcome.state === 'skipped';
  return tapPoint({
    number,
    title: titleOf(result),
    result: fine ? 'ok' : 'not ok',
    skipped: outcome.state === 'skipped' ? outcome.reason : null,
    diagnosis: fine ? [] : diagnosis(result),
  });
}

function diagnosis(result: Result): string[] {
  const { outcome, durationMs } = result;
  const failed = contradictions(result).flatMap(({ title, expected, observed }) => [
    `    - title: ${JSON.stringify(title)}`,
    `      expected: ${JSON.stringify(expected)}`,
    `      observed: ${JSON.stringify(observed)}`,
  ]);
  return [
    `  outcome: ${outcome.state}`,
    `  reason: ${JSON.stringify(reasonOf(outcome))}`,
    `  duration_ms: ${Math.round(durationMs)}`,
    ...(failed.length === 0 ? [] : ['  contradicted:', ...failed]),
  ];
}
