import type { RoundResult } from './round.ts';

/** What all rounds together came to. */
export class Tally {
  readonly #results: RoundResult[];

  constructor(results: readonly RoundResult[] = []) {
    this.#results = [...results];
  }

  add(result: RoundResult): void {
    this.#results.push(result);
  }

  get clean(): boolean {
    return this.#all.every(({ state }) => state === 'passed' || state === 'skipped');
  }

  report(): string {
    const groups = new Map<string, string[]>();
    for (const { state, what, user, seed } of this.#all) {
      if (state === 'passed') continue;
      const key = `${state}  ${what}`;
      groups.set(key, [...(groups.get(key) ?? []), `${user} ${seed}`]);
    }
    const passed = this.#all.filter(({ state }) => state === 'passed').length;
    const lines = [...groups].sort().map(([key, where]) => {
      const some = where.slice(0, 4).join(', ');
      return `${where.length} x ${key}\n    ${some}${where.length > 4 ? ', ...' : ''}`;
    });
    return `\n${this.#results.length} rounds, ${passed} scenarios passed\n${lines.join('\n')}\n`;
  }

  get #all() {
    return this.#results.flatMap(({ document, left, stderr, status, user, seed }) => [
      ...(document === null ? [{ state: 'no document', what: `${status} ${stderr}`, user, seed }] : []),
      ...(document?.scenarios ?? []).map(({ scenario, outcome, reason, checks }) => {
        const contradicted = checks
          .filter(({ verdict }) => verdict === 'contradicted')
          .map(({ title, expected, observed }) => `${title}: ${expected}, observed ${observed}`);
        const what = [scenario, reason ?? '', ...contradicted].join('\n      ');
        return { state: outcome as string, what, user, seed };
      }),
      ...left.map((what) => ({ state: 'left', what, user, seed })),
    ]);
  }
}
