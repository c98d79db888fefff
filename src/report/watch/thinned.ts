import type { WatchDocument } from '../documents/watch.ts';

/** The number of state changes that are kept for a page; ndjson has all of them. */
export const keptTransitions = 2000;
const mostTables = 1000;

/** What is kept of a watch until its end: everything of a short one; the first changes and fewer of the tables of a long one. */
export class Kept {
  readonly #lines: WatchDocument[] = [];
  #transitions = 0;
  #tables = 0;
  /** One in this many tables is kept. */
  #every = 1;
  #seen = 0;

  add(line: WatchDocument): void {
    if (line.type === 'transition' && ++this.#transitions > keptTransitions) return;
    if (line.type === 'table') {
      if (this.#seen++ % this.#every !== 0) return;
      if (++this.#tables > mostTables) this.#halve();
    }
    this.#lines.push(line);
  }

  /** @param last the last table, which is kept in any case */
  lines(last?: WatchDocument): readonly WatchDocument[] {
    if (last === undefined || this.#lines.includes(last)) return this.#lines;
    return [...this.#lines, last].sort((a, b) => a.atMs - b.atMs);
  }

  #halve(): void {
    this.#every *= 2;
    let table = 0;
    const left = this.#lines.filter((line) => line.type !== 'table' || table++ % 2 === 0);
    this.#tables = left.filter(({ type }) => type === 'table').length;
    this.#lines.splice(0, this.#lines.length, ...left);
  }
}

export function thinned(lines: readonly WatchDocument[]): readonly WatchDocument[] {
  const kept = new Kept();
  for (const line of lines) kept.add(line);
  return kept.lines(lines.findLast(({ type }) => type === 'table'));
}
