import type { SuiteEvent } from '../../events.ts';
import { reasonOf } from '../documents/run.ts';
import type { Output } from '../reporter.ts';
import type { SuiteReporter } from './reporters.ts';
import { contradictions, type Result, Results, titleOf } from './results.ts';

/** The Test Anything Protocol, version 14. */
export class Tap implements SuiteReporter {
  readonly #output: Output;
  readonly #results = new Results();

  constructor(output: Output) {
    this.#output = output;
  }

  on(event: SuiteEvent): void {
    if (event.type === 'suite started') this.#output.write(`TAP version 14\n1..${event.scenarios.length}\n`);
    const result = this.#results.on(event);
    if (result !== undefined) this.#output.write(describe(result, this.#results.finished.length));
    if (event.type === 'suite finished' && event.outcome === 'interrupted') {
      this.#output.write('Bail out! interrupted\n');
    }
  }
}

function describe(result: Result, number: number): string {
  const { outcome } = result;
  const fine = outcome.state === 'passed' || outcome.state === 'skipped';
  const skip = outcome.state === 'skipped' ? ` # SKIP ${escapeTap(outcome.reason)}` : '';
  const line = `${fine ? 'ok' : 'not ok'} ${number} - ${escapeTap(titleOf(result))}${skip}`;
  return [line, ...(fine ? [] : diagnosis(result))].map((text) => `${text}\n`).join('');
}

// A block of YAML, whose strings JSON's are a part of.
function diagnosis(result: Result): string[] {
  const { outcome, durationMs } = result;
  const failed = contradictions(result).flatMap(({ title, expected, observed }) => [
    `    - title: ${JSON.stringify(title)}`,
    `      expected: ${JSON.stringify(expected)}`,
    `      observed: ${JSON.stringify(observed)}`,
  ]);
  return [
    '  ---',
    `  outcome: ${outcome.state}`,
    `  reason: ${JSON.stringify(reasonOf(outcome))}`,
    `  duration_ms: ${Math.round(durationMs)}`,
    ...(failed.length === 0 ? [] : ['  contradicted:', ...failed]),
    '  ...',
  ];
}

function escapeTap(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ');
}
