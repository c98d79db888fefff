import { NothingObserved } from '../../lab/recording/too-slow.ts';
import type { SegmentQuestion, ValueQuestion } from '../../question.ts';
import { type About, type CapturedSegments, derivationOf, type Plain, type Report } from './report.ts';

/** Expectations of anything that was measured. If there is nothing to compare, the run is errored. */
export class ValueExpectation<Value extends Plain> {
  readonly #report: Report;
  readonly #title: string;
  readonly #value: Value;
  readonly #about: About;

  /** @internal */
  constructor(report: Report, title: string, value: Value, about: About) {
    this.#report = report;
    this.#title = title;
    this.#value = value;
    this.#about = about;
  }

  equals(expected: Value): void {
    this.#hold('equals', [expected], String(expected), this.#value === expected);
  }

  isNot(unexpected: Value): void {
    this.#hold('is not', [unexpected], `not ${unexpected}`, this.#value !== unexpected);
  }

  /** Both limits included. */
  between(low: Value, high: Value): void {
    const agrees = this.#value >= low && this.#value <= high;
    this.#hold('between', [low, high], `${low} to ${high}`, agrees);
  }

  atLeast(low: Value): void {
    this.#hold('at least', [low], `at least ${low}`, this.#value >= low);
  }

  atMost(high: Value): void {
    this.#hold('at most', [high], `at most ${high}`, this.#value <= high);
  }

  // A limit may be a measured value, too.
  #hold(
    relation: ValueQuestion['relation'],
    limits: readonly Value[],
    expected: string,
    agrees: boolean,
  ): void {
    if (![this.#value, ...limits].every(isThere)) throw new NothingObserved(this.#about.title ?? this.#title);
    const question: ValueQuestion = {
      about: 'value',
      observed: this.#value,
      relation,
      limits,
      segments: this.#about.segments === undefined ? null : segmentQuestion(this.#about.segments),
      derived: derivationOf(this.#about),
    };
    const [observed, found] = [String(this.#value), [this.#value]];
    this.#report({ title: this.#title, expected, observed, agrees, question, found });
  }
}

function segmentQuestion({ of, ...rest }: CapturedSegments): SegmentQuestion {
  const { local, remote } = of.connection;
  return {
    filter: 'tcp',
    after: 0,
    until: null,
    shown: 'count',
    line: null,
    ...rest,
    connection: { local, remote },
  };
}

/** NaN and infinite numbers result from things that were not seen. */
export function isThere(value: Plain | null | undefined): boolean {
  return value != null && (typeof value !== 'number' || Number.isFinite(value));
}
