import { NothingObserved, TooSlow } from '../../lab/recording/too-slow.ts';
import type { Measured } from '../../measured.ts';
import { formatSpan } from '../../time.ts';
import { type About, derivationOf, type Report } from './report.ts';
import { isThere } from './value.ts';

/** Expectations of a span. A measured span that includes a limit decides nothing. */
export class SpanExpectation {
  readonly #report: Report;
  readonly #title: string;
  readonly #span: Measured;
  readonly #about: About;

  /** @internal */
  constructor(report: Report, title: string, span: number | Measured, about: About) {
    this.#report = report;
    this.#title = title;
    this.#span = measured(span);
    this.#about = about;
  }

  atLeast(limit: number | Measured): void {
    this.#hold(`at least ${describe(measured(limit))}`, limit, Number.MAX_VALUE);
  }

  atMost(ms: number): void {
    this.#hold(`at most ${formatSpan(ms)}`, 0, ms);
  }

  /** Both limits included. */
  between(low: number, high: number): void {
    this.#hold(`${formatSpan(low)} to ${formatSpan(high)}`, low, high);
  }

  // A limit may be a measured value, too.
  #hold(expected: string, low: number | Measured, high: number): void {
    const { leastMs, mostMs } = this.#span;
    const lowest = measured(low);
    const title = this.#about.title ?? this.#title;
    if (![leastMs, mostMs, lowest.leastMs, lowest.mostMs, high].every(isThere))
      throw new NothingObserved(title);
    const agrees = leastMs >= lowest.mostMs && mostMs <= high;
    const contradicts = mostMs < lowest.leastMs || leastMs > high;
    const observed = describe(this.#span);
    if (!agrees && !contradicts) throw new TooSlow(`${title}, ${expected}`, `measured: ${observed}`);
    const derived = derivationOf(this.#about);
    const question = { about: 'span', leastMs, mostMs, low: lowest.mostMs, high, derived } as const;
    this.#report({ title: this.#title, expected, observed, agrees, question, found: [leastMs, mostMs] });
  }
}

function measured(span: number | Measured): Measured {
  return typeof span === 'number' ? { leastMs: span, mostMs: span } : span;
}

function describe({ leastMs, mostMs }: Measured): string {
  const [least, most] = [formatSpan(leastMs), formatSpan(mostMs)];
  return least === most ? least : `${least} to ${most}`;
}
