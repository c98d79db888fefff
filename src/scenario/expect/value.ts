import type { About, Record } from './record.ts';

type Plain = string | number | boolean;

/** Expectations of anything that was measured. */
export class ValueExpectation<Value extends Plain> {
  readonly #record: Record;
  readonly #title: string;
  readonly #value: Value;
  readonly #about: About;
  readonly #format: (value: Value) => string;

  /** @internal */
  constructor(
    record: Record,
    title: string,
    value: Value,
    about: About,
    format: (value: Value) => string = String,
  ) {
    this.#record = record;
    this.#title = title;
    this.#value = value;
    this.#about = about;
    this.#format = format;
  }

  equals(expected: Value): void {
    this.#hold(this.#format(expected), this.#value === expected);
  }

  isNot(unexpected: Value): void {
    this.#hold(`not ${this.#format(unexpected)}`, this.#value !== unexpected);
  }

  /** Both limits included. */
  between(low: Value, high: Value): void {
    this.#hold(`${this.#format(low)} to ${this.#format(high)}`, this.#value >= low && this.#value <= high);
  }

  atLeast(low: Value): void {
    this.#hold(`at least ${this.#format(low)}`, this.#value >= low);
  }

  atMost(high: Value): void {
    this.#hold(`at most ${this.#format(high)}`, this.#value <= high);
  }

  #hold(expected: string, agrees: boolean): void {
    this.#record({ title: this.#title, expected, observed: this.#format(this.#value), agrees }, this.#about);
  }
}
