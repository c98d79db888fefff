/** How many hosts have a value, and the first of them. Its size depends on the number of values, not of hosts. */
export class Tally {
  readonly #entries = new Map<string, { count: number; readonly first: string[] }>();

  add(value: string, host: string): void {
    const entry = this.#entries.get(value) ?? { count: 0, first: [] };
    this.#entries.set(value, entry);
    entry.count += 1;
    if (entry.first.length < namedHosts) entry.first.push(host);
  }

  /** Most frequent first. */
  get values(): readonly Share[] {
    return [...this.#entries]
      .map(([value, { count, first }]) => ({ value, count, first }))
      .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
  }
}

export interface Share {
  readonly value: string;
  readonly count: number;
  /** The first few hosts. */
  readonly first: readonly string[];
}

const namedHosts = 10;

/** Numbers of many hosts: their median and maximum. */
export class Spread {
  readonly #counts = new Map<number, number>();
  readonly #largest: { host: string; count: number }[] = [];
  #total = 0;

  add(count: number, host: string): void {
    this.#total += 1;
    const rounded = roundTo(count);
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.#largest.push({ host, count });
    this.#largest.sort((a, b) => b.count - a.count);
    this.#largest.length = Math.min(this.#largest.length, namedHosts);
  }

  get size(): number {
    return this.#total;
  }

  /** Numbers above 1,000 are rounded to three digits, which limits the number of values. */
  get median(): number | null {
    let before = 0;
    for (const [count, times] of [...this.#counts].sort(([a], [b]) => a - b)) {
      before += times;
      if (before * 2 >= this.#total) return count;
    }
    return null;
  }

  get largest(): readonly { readonly host: string; readonly count: number }[] {
    return this.#largest;
  }
}

function roundTo(count: number): number {
  return Number.isInteger(count) && Math.abs(count) < 1000 ? count : Number(count.toPrecision(3));
}
