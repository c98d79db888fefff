import { identityOf, type Row } from '../../observe/row.ts';
import { type State, timeWaitMs } from '../../state.ts';
import { leftOf } from './transitions.ts';

/** The minimum time that each socket has been in its state: since it was first seen in it, or according to the kernel's own clocks. */
export class Ages {
  #since = new Map<string, { readonly state: State; readonly atMs: number }>();
  #oldest = new Map<State, number>();

  /**
   * @param quiet by cookie, the time since the last segment of the other side, which closed then or earlier
   * @param atMs the time of the look
   */
  see(sockets: readonly Row[], quiet: ReadonlyMap<string, number>, atMs: number): void {
    const before = this.#since;
    this.#since = new Map();
    this.#oldest = new Map();
    for (const socket of sockets) {
      const { state, cookie } = socket;
      const key = identityOf(socket);
      const known = before.get(key);
      const since = known?.state === state ? known : { state, atMs };
      this.#since.set(key, since);
      const byKernel = state === 'TIME_WAIT' ? ageOfTimeWait(socket) : (quiet.get(cookie ?? '') ?? 0);
      const age = Math.max(atMs - since.atMs, byKernel);
      if (age > (this.#oldest.get(state) ?? -1)) this.#oldest.set(state, age);
    }
  }

  oldest(state: State): number | null {
    return this.#oldest.get(state) ?? null;
  }
}

function ageOfTimeWait(socket: Row): number {
  return Math.max(0, timeWaitMs - (leftOf(socket) ?? timeWaitMs));
}
