import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { packageVersion } from '../../src/package.ts';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
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

type Check = SuiteDocument['scenarios'][number]['checks'][number];

const isContradicted = ({ verdict }: Check) => verdict === 'contradicted';
const inWords = ({ title, expected, observed }: Check) => `${title}: ${expected}, observed ${observed}`;

/** What a soak has counted, by condition. */
export class Figures {
  readonly #seed: number;
  readonly #startedAt = new Date();
  /** Soaks before this one whose figures are included, such as `60 minutes from 2026-01-31T12:00:00.000Z, seed 1`. */
  #earlier: readonly string[] = [];
  /** The conditions whose earlier figures were dropped. */
  #replaced: readonly string[] = [];
  readonly #counts = new Map<string, Counts & { mayError: boolean }>();
  readonly #skipped = new Map<string, string>();
  /** How many commands were killed. */
  kills = 0;
  #leftByKills = 0;
  readonly #changes = new Set<string>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Adds the figures of docs/trust.md, so that a soak can be made in several parts, except those of conditions that are measured again.
   * @throws if they are of another version or machine
   */
  addWritten(replaced: readonly { readonly name: string }[]): void {
    const text = figuresIn(readFileSync(page, 'utf8'));
    const [first = ''] = text.split('\n');
    if (!first.startsWith(this.#place()))
      throw new Error(`the figures in docs/trust.md are of another version or machine: ${first}`);
    this.#replaced = replaced.map((condition) => condition.name);
    this.#earlier = first.slice(this.#place().length).replace(/\.$/, '').split('; ');
    for (const [, name = '', ...cells] of text.matchAll(
      /^\| ([^|]+) \|((?: \d+(?: \(allowed\))? \|){6})$/gm,
    )) {
      const [rounds = 0, passed = 0, contradicted = 0, errored = 0, skipped = 0, left = 0] = (cells[0] ?? '')
        .split('|')
        .map((cell) => Number.parseInt(cell, 10));
      if (replaced.some((condition) => condition.name === name)) continue;
      const mayError = cells[0]?.includes('(allowed)') ?? false;
      this.#counts.set(name, { rounds, passed, contradicted, errored, skipped, left, mayError });
    }
    const [, kills, leftByKills] = /^- (\d+) commands were killed .*: (\d+) processes/m.exec(text) ?? [];
    this.kills += Number(kills);
    this.#leftByKills += Number(leftByKills);
    const [, changes] = /^- Changed: (.*)\.$/m.exec(text) ?? [];
    this.left(changes?.split('; ') ?? []);
  }

  #place(): string {
    return `tcpclose ${packageVersion()} on Linux ${release()}, Node ${process.versions.node}, ${availableParallelism()} cores: `;
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
    for (const { scenario, outcome, reason, checks } of document.scenarios) {
      if (outcome === 'passed') counts.passed += 1;
      else if (outcome === 'skipped') counts.skipped += 1;
      else if (outcome === 'failed') counts.contradicted += 1;
      else counts.errored += 1;
      if (outcome === 'failed' || (outcome === 'errored' && !mayError))
        complaints.push(
          `${outcome}: ${scenario} ${reason ?? ''}`,
          ...checks.filter(isContradicted).map(inWords),
        );
    }
    return complaints;
  }

  kill(left: readonly string[]): void {
    this.kills += 1;
    this.#leftByKills += left.length;
  }

  /** What was found changed of the machine. */
  left(changes: readonly string[]): void {
    for (const change of changes) this.#changes.add(change);
  }

  /** How many scenarios ran to an end. */
  get runs(): number {
    const all = [...this.#counts.values()];
    return all.reduce((sum, { passed, contradicted, errored }) => sum + passed + contradicted + errored, 0);
  }

  get clean(): boolean {
    const rounds = [...this.#counts.values()];
    const isWrong = (one: Counts & { mayError: boolean }) =>
      one.contradicted > 0 || one.left > 0 || (one.errored > 0 && !one.mayError);
    return rounds.length > 0 && !rounds.some(isWrong) && this.#leftByKills === 0 && this.#changes.size === 0;
  }

  /** A table in Markdown. */
  report(): string {
    const minutes = Math.round((Date.now() - this.#startedAt.getTime()) / 60_000);
    const again = this.#replaced.length === 0 ? '' : ` (again: ${this.#replaced.join(', ')})`;
    const own = `${minutes} minutes from ${this.#startedAt.toISOString()}, seed ${this.#seed}${again}`;
    const rows = [...this.#counts].map(
      ([name, { rounds, passed, contradicted, errored, skipped, left, mayError }]) =>
        `| ${name} | ${rounds} | ${passed} | ${contradicted} | ${errored}${mayError ? ' (allowed)' : ''} | ${skipped} | ${left} |`,
    );
    const all = [...this.#counts.values()];
    const sum = (of: readonly Counts[], key: keyof Counts) => of.reduce((total, one) => total + one[key], 0);
    const [contradicted, errored] = [sum(all, 'contradicted'), sum(all, 'errored')];
    const allowed = sum(
      all.filter(({ mayError }) => mayError),
      'errored',
    );
    const skips = [...this.#skipped].map(([name, reason]) => `- Not tried: ${name} (${reason}).`);
    return [
      `${this.#place()}${[...this.#earlier, own].join('; ')}.`,
      '',
      '| condition | rounds | scenarios passed | contradicted | errored | skipped | left |',
      '|---|---|---|---|---|---|---|',
      ...rows,
      '',
      `- ${this.runs} scenarios ran: ${contradicted} contradicted, ${errored} errored (${allowed} of them where it is allowed).`,
      `- ${this.kills} commands were killed at random moments (SIGKILL, SIGINT, SIGTERM): ${this.#leftByKills} processes or files left.`,
      this.#changes.size === 0
        ? '- No setting, tracing instance or network of the machine was changed.'
        : `- Changed: ${[...this.#changes].join('; ')}.`,
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

function figuresIn(text: string): string {
  return (text.split(begin)[1]?.split(end)[0] ?? '').trim();
}
