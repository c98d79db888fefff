import type { Endpoint } from '../../address.ts';

/** One TIME_WAIT, as a visitor gets it. */
interface TimeWait {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly leftMs: number;
}

const numbersEach = 5;

/**
 * All connections in TIME_WAIT. There may be hundreds of thousands, and only their ends and the time left matter: each takes five numbers
 * instead of an object.
 */
export class TimeWaits {
  #numbers = new Uint32Array(1024 * numbersEach);
  #count = 0;
  readonly #addresses: string[] = [];
  readonly #indexes = new Map<string, number>();

  get count(): number {
    return this.#count;
  }

  add(local: Endpoint, remote: Endpoint, leftMs: number): void {
    const at = this.#count++ * numbersEach;
    if (at === this.#numbers.length) this.#grow();
    this.#numbers[at] = this.#indexOf(local.address);
    this.#numbers[at + 1] = local.port;
    this.#numbers[at + 2] = this.#indexOf(remote.address);
    this.#numbers[at + 3] = remote.port;
    this.#numbers[at + 4] = leftMs;
  }

  *[Symbol.iterator](): Generator<TimeWait> {
    const numbers = this.#numbers;
    const end = this.#count * numbersEach;
    for (let at = 0; at < end; at += numbersEach) {
      yield {
        local: { address: this.#addresses[numbers[at] ?? 0] ?? '', port: numbers[at + 1] ?? 0 },
        remote: { address: this.#addresses[numbers[at + 2] ?? 0] ?? '', port: numbers[at + 3] ?? 0 },
        leftMs: numbers[at + 4] ?? 0,
      };
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#numbers.length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  #indexOf(address: string): number {
    const known = this.#indexes.get(address);
    if (known !== undefined) return known;
    const index = this.#addresses.push(address) - 1;
    this.#indexes.set(address, index);
    return index;
  }
}
