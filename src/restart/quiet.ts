import { lasts, type Nap, napsOf } from '../observe/proc/naps.ts';
import { paceOf, wantedCpuMs } from '../observe/proc/pace.ts';

/** A command opens listeners one after the other: all are open after this long without a new one, if no thread wakes up by itself. */
const calmMs = 300;
/** The same if a thread will wake up, and may open another listener. The time in which it ran or waited for a core does not count. */
const quietMs = 2000;
/** The longest wait for a command that keeps its core busy, or sleeps. */
const busyMs = 10_000;

/** Whether a command has opened all its listeners, as far as that is visible from outside. */
export class Quiet {
  #known = '';
  #since = performance.now();
  #calmSince: number | undefined;
  #wantedMs = 0;
  /** Threads that were going to wake up later. They are awaited once, since a timer may repeat. */
  #naps: readonly Nap[] | undefined;
  #wokeAt: number | undefined;

  /**
   * @param known a description of what has been seen so far: the wait begins again when it changes
   * @param pids the command's processes
   * @param isReady whether the command has reported that it is ready
   */
  isOver(known: string, pids: readonly number[], isReady: boolean): boolean {
    const now = performance.now();
    if (known !== this.#known) {
      this.#known = known;
      this.#since = now;
      this.#calmSince = undefined;
      this.#naps = undefined;
      this.#begin(pids);
    }
    if (paceOf(pids) === 'restless') this.#calmSince = undefined;
    else this.#calmSince ??= now;
    const quietFor = now - this.#since;
    if (this.#calmSince !== undefined && now - this.#calmSince >= calmMs) return true;
    if (isReady) return quietFor >= calmMs;
    if (quietFor >= busyMs) return true;
    const idleFor = now - (this.#wokeAt ?? this.#since) - (wantedCpuMs(pids) - this.#wantedMs);
    if (this.#naps === undefined && idleFor >= quietMs) this.#naps = napsOf(pids, busyMs - quietFor);
    if (this.#naps === undefined) return false;
    if (this.#naps.length === 0) return this.#wokeAt === undefined || idleFor >= calmMs;
    this.#naps = this.#naps.filter(lasts);
    this.#begin(pids);
    return false;
  }

  #begin(pids: readonly number[]): void {
    this.#wokeAt = this.#naps === undefined ? undefined : performance.now();
    this.#wantedMs = wantedCpuMs(pids);
  }
}
