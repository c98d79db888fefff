import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { packageVersion } from '../../src/package.ts';
import type { RoundResult } from './round.ts';

const page = new URL('../../docs/trust.md', import.meta.url);
const begin = '<!-- Written by "npm run soak -- --write": do not edit. -->';
const end = '<!-- End of the figures. -->';

interface Counts {
  rounds: number;
  passed: number;
  contradicted: number;
  errored: number;
  skipped: number;
  left: number;
}

/** What a soak has counted, by condition. */
export class Figures {
  readonly #seed: number;
  readonly #startedAt = new Date();
  readonly #counts = new Map<string, Counts & { mayError: boolean }>();
  readonly #skipped = new Map<string, string>();
  #kills = 0;
  #leftByKills = 0;
  #changes: readonly string[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  skip(name: string, reason: string): void {
    this.#skipped.set(name, reason);
  }

  /** Counts a round, and returns what is wrong with it. */
  add(name: string, { document, left, status, stderr }: RoundResult, mayError: boolean): string[] {
    const fresh = { rounds: 0, passed: 0, contradicted: 0, errored: 0, skipped: 0, left: 0, mayError };
    const counts = this.#counts.get(name) ?? fresh;
    this.#counts.set(name, counts);
    counts.rounds += 1;
    counts.left += left.length;
    const complaints = left.map((what) => `left ${what}`);
    if (document === null) {
      counts.errored += 1;
      // Under a limit tcpclose itself may not run, and says so in one line.
      const isPlain = mayError && status === 2 && stderr.trim().split('\n').length === 1;
      if (!isPlain) complaints.push(`no document, status ${status}: ${stderr.slice(0, 300)}`);
      return complaints;
    }
    for (const { scenario, outcome, reason } of document.scenarios) {
      if (outcome === 'passed') counts.passed += 1;
      else if (outcome === 'skipped') counts.skipped += 1;
      else if (outcome === 'failed') counts.contradicted += 1;
      else counts.errored += 1;
      if (outcome === 'failed' || (outcome === 'errored' && !mayError))
        complaints.push(`${outcome}: ${scenario} ${reason ?? ''}`);
    }
    return complaints;
  }

  kill(left: readonly string[]): void {
    this.#kills += 1;
    this.#leftByKills += left.length;
  }

  /** What was changed of the machine at the end. */
  left(changes: readonly string[]): void {
    this.#changes = changes;
  }

  get clean(): boolean {
    const rounds = [...this.#counts.values()];
    const isWrong = (one: Counts & { mayError: boolean }) =>
      one.contradicted > 0 || one.left > 0 || (one.errored > 0 && !one.mayError);
    return (
      rounds.length > 0 && !rounds.some(isWrong) && this.#leftByKills === 0 && this.#changes.length === 0
    );
  }

  /** A table in Markdown. */
  report(): string {
    const minutes = Math.round((Date.now() - this.#startedAt.getTime()) / 60_000);
    const rows = [...this.#counts].map(
      ([name, { rounds, passed, contradicted, errored, skipped, left, mayError }]) =>
        `| ${name} | ${rounds} | ${passed} | ${contradicted} | ${errored}${mayError ? ' (allowed)' : ''} | ${skipped} | ${left} |`,
    );
    const skips = [...this.#skipped].map(([name, reason]) => `- Not tried: ${name} (${reason}).`);
    return [
      `tcpclose ${packageVersion()} on Linux ${release()}, Node ${process.versions.node}, ${availableParallelism()} cores: ${minutes} minutes from ${this.#startedAt.toISOString()}, seed ${this.#seed}.`,
      '',
      '| condition | rounds | scenarios passed | contradicted | errored | skipped | left |',
      '|---|---|---|---|---|---|---|',
      ...rows,
      '',
      `- ${this.#kills} commands were killed at random moments (SIGKILL, SIGINT, SIGTERM): ${this.#leftByKills} processes or files left.`,
      this.#changes.length === 0
        ? '- No setting, tracing instance or network of the machine was changed.'
        : `- Changed: ${this.#changes.join('; ')}.`,
      ...skips,
      '',
    ].join('\n');
  }

  /** Puts the report into docs/trust.md. */
  write(): void {
    const text = readFileSync(page, 'utf8');
    const [head = '', rest = ''] = text.split(`${begin}\n`);
    writeFileSync(page, `${head}${begin}\n\n${this.report()}\n${end}${rest.split(end)[1] ?? '\n'}`);
  }
}
