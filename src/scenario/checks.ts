import type { Emit } from '../events.ts';
import { type About, type Comparison, Contradicted, checkOf } from './expect/report.ts';
import { locationOf } from './location.ts';

/** The checks of one run. */
export class Checks {
  /** Whether any check was contradicted. */
  contradicted = false;
  count = 0;
  readonly #emit: Emit;
  readonly #file: string;
  readonly #afterContradiction: 'go on' | 'stop';

  /** @param file the file of the scenario */
  constructor(emit: Emit, file: string, afterContradiction: 'go on' | 'stop') {
    this.#emit = emit;
    this.#file = file;
    this.#afterContradiction = afterContradiction;
  }

  /** Reports a check; `from` was created where it is expected. @throws Contradicted if that ends the run */
  report(comparison: Comparison, about: About, from: Error): void {
    const { agrees } = comparison;
    this.count++;
    this.contradicted ||= !agrees;
    const location = agrees ? null : locationOf(from, this.#file);
    const check = { ...checkOf(comparison, about), location };
    this.#emit({ type: 'check', check, at: performance.now() });
    if (this.contradicted && this.#afterContradiction === 'stop') throw new Contradicted();
  }
}
