import { type HarmlessLines, harmlessLines } from '../../foreign.ts';
import { startTicksOf } from '../../observe/proc/status.ts';
import { readProcess } from '../../observe/processes.ts';
import type { Run } from '../run.ts';
import type { Ending } from '../trial.ts';
import { journalSince, type Unit } from './systemd.ts';

/** A start of a unit by systemd, seen from outside. */
export class UnitRun implements Run {
  readonly pid: number;
  /** Never resolves: only systemd knows how the process ended. */
  readonly exited: Run['exited'] = new Promise(() => {});
  readonly ready: Run['ready'] = new Promise(() => {});
  readonly unmatchedAt: Run['unmatchedAt'] = null;
  readonly calls: Run['calls'] = [];
  readonly #unit: Unit;
  readonly #startTicks: number | undefined;
  readonly #since: number;

  /** @param since the time of the clock from which its output is read, in milliseconds */
  constructor(unit: Unit, pid: number, since = Date.now()) {
    this.#unit = unit;
    this.pid = pid;
    this.#startTicks = startTicksOf(pid);
    this.#since = since;
  }

  ending(): Ending | undefined {
    const lives = readProcess(this.pid)?.state === 'alive' && startTicksOf(this.pid) === this.#startTicks;
    return lives ? undefined : { status: null, signal: null };
  }

  async output(): Promise<HarmlessLines> {
    return harmlessLines(await journalSince(this.#unit, this.#since));
  }
}
