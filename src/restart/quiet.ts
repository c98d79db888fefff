import { paceOf, wantedCpuMs } from '../observe/proc/pace.ts';

/** Listeners open one after the other: all are open once none has followed for this long, and no thread wakes up by itself. */
const calmMs = 300;
/** The same if a thread does: it may be about to open another. The time in which it ran, or waited for a core, does not count. */
const quietMs = 2000;
/** The longest wait for a command that keeps its core busy. */
const busyMs = 10_000;

/** Whether a command has opened all its listeners, as far as that is visible from outside. */
export class Quiet {
  #known = '';
  #since = performance.now();
  #calmSince: number | undefined;
  #wantedMs = 0;

  /**
   * @param known what has been seen so far, in any words: the wait begins again when they change
   * @param pids of the command's processes
   * @param isReady whether the command has said so itself
   */
  isOver(known: string, pids: readonly number[], isReady: boolean): boolean {
    const now = performance.now();
    if (known !== this.#known) {
      this.#known = known;
      this.#since = now;
      this.#calmSince = undefined;
      this.#wantedMs = wantedCpuMs(pids);
    }
    if (paceOf(pids) === 'restless') this.#calmSince = undefined;
    else this.#calmSince ??= now;
    const quietFor = now - this.#since;
    if (this.#calmSince !== undefined && now - this.#calmSince >= calmMs) return true;
    if (isReady) return quietFor >= calmMs;
    const idleFor = quietFor - (wantedCpuMs(pids) - this.#wantedMs);
    return idleFor >= quietMs || quietFor >= busyMs;
  }
}
