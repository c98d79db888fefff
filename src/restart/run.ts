import { type HarmlessLines, harmlessLines } from '../foreign.ts';
import { monotonicMs } from '../native/clock.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Ending } from './trial.ts';

/** A start of the command. */
export interface Run {
  readonly pid: number;
  readonly exited: Promise<Ending & { readonly at: number }>;
  /** Resolves when a line of output matched; never resolves if no line is awaited. */
  readonly ready: Promise<void>;
  /** When a line of output took too long to match, in milliseconds of CLOCK_MONOTONIC; null if every line could be matched. */
  readonly unmatchedAt: number | null;
  /**
   * Its binds and listens so far, in the order in which they were made; empty if they are not watched. `Supervisor.settled()`
   * waits until their results are known.
   */
  readonly calls: readonly Call[];
  /** How it ended; undefined while it runs. */
  ending(): Ending | undefined;
  /** The end of its output. */
  output(): Promise<HarmlessLines>;
}

/** A program that binds repeatedly makes too many calls to keep: the last binds are kept, and every listen. */
const keptBinds = 1000;

/** A run as the supervisor's notifications report it. */
export class ReportedRun implements Run {
  readonly exited: Run['exited'];
  readonly ready: Promise<void>;
  pid = 0;
  unmatchedAt: Run['unmatchedAt'] = null;
  readonly #readOutput: () => Promise<string>;
  readonly #calls = new Map<number, Call>();
  #ending: Ending | undefined;
  #onExited: (exit: Awaited<Run['exited']>) => void = () => {};
  #onReady: () => void = () => {};

  constructor(readOutput: () => Promise<string>) {
    this.#readOutput = readOutput;
    this.exited = new Promise((resolve) => {
      this.#onExited = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  get calls(): readonly Call[] {
    return [...this.#calls.values()].sort((a, b) => a.number - b.number);
  }

  ending(): Ending | undefined {
    return this.#ending;
  }

  async output(): Promise<HarmlessLines> {
    return harmlessLines(await this.#readOutput());
  }

  match(): void {
    this.#onReady();
  }

  giveUpMatching(): void {
    this.unmatchedAt = monotonicMs();
  }

  exit({ status, signal, at }: Awaited<Run['exited']>): void {
    this.#ending = { status, signal };
    this.#onExited({ status, signal, at });
  }

  keep(call: Call): void {
    this.#calls.set(call.number, call);
    if (this.#calls.size <= keptBinds * 2) return;
    const binds = [...this.#calls.values()].filter(({ call }) => call === 'bind');
    for (const { number } of binds.slice(0, -keptBinds)) this.#calls.delete(number);
  }
}
