import { isWildcard } from '../../address.ts';
import { monotonicMs } from '../../native/clock.ts';
import { waitForInput } from '../../native/poll.ts';
import type { Row } from '../../observe/row.ts';
import { isBound, type Place } from './place.ts';
import type { Sight } from './sight.ts';
import type { Tables } from './tables.ts';
import { tryInItsPlace } from './trial-bind.ts';
import { UnderWay } from './under-way.ts';

/** The expected result of a waiting call, as far as it can be predicted: `ok`, errno or null; and what blocks it. */
export interface Expectation {
  readonly result: string | null;
  readonly inTheWay: readonly Row[];
}

const unknown: Expectation = { result: null, inTheWay: [] };
/** A bind or a listen takes microseconds, but its thread may first have to wait for a CPU. */
const longestWaitMs = 50;
const longestWaitForCpuMs = 1000;
const pauseMs = 0.2;
const passes: Expectation = { result: 'ok', inTheWay: [] };

export class Expecting {
  readonly #tables: Tables;
  readonly #underWay = { bind: new UnderWay('bind'), listen: new UnderWay('listen') };

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  of(sight: Sight): Expectation {
    const { call, socket, place, caller } = sight;
    if (socket === undefined || place === undefined) return unknown;
    const isBesideAnother = 'port' in place && this.#staysUnderWay(place.port, caller.thread);
    if (call === 'listen') return this.#ofListen(sight);
    if (isBesideAnother) return this.#besideAnother(sight, place.port);
    const result = tryInItsPlace(caller, socket, place, sight.name);
    if (result !== 'EADDRINUSE' || !('port' in place)) return { result, inTheWay: [] };
    return { result, inTheWay: this.#tables.socketsOn(place.port) };
  }

  /** From now on, the kernel may execute the call at any moment. */
  letGo({ call, place, caller }: Sight): void {
    if (place !== undefined && 'port' in place) this.#underWay[call].add(place.port, caller);
  }

  // Of two simultaneous calls, one succeeds and the other fails. Which one is known once the first has been executed: the second waits for
  // that, and for longer while the first gets no CPU.
  #staysUnderWay(port: number, thread: number): boolean {
    const { bind, listen } = this.#underWay;
    const last = monotonicMs() + longestWaitForCpuMs;
    let until = monotonicMs() + longestWaitMs;
    while (bind.has(port, thread) || listen.has(port, thread)) {
      const now = monotonicMs();
      if (bind.hasStarved(port) || listen.hasStarved(port)) until = Math.min(now + longestWaitMs, last);
      if (now > until) return true;
      waitForInput([], pauseMs);
    }
    return false;
  }

  // A trial bind is not possible now, but an existing listener still decides.
  #besideAnother({ socket, caller, place }: Sight, port: number): Expectation {
    if (place === undefined || socket?.type !== 'stream' || port === 0) return unknown;
    if (caller.network === 'other' || socket.others === 'some' || socket.options.reusePort) return unknown;
    if (!this.#tables.listeners().some((row) => conflicts(row, place))) return unknown;
    return { result: 'EADDRINUSE', inTheWay: this.#tables.socketsOn(port) };
  }

  // A socket that was bound beside a listener, both with SO_REUSEADDR, conflicts only when it listens itself.
  #ofListen({ socket, place, inode, caller }: Sight): Expectation {
    if (socket?.type !== 'stream' || place === undefined || !isBound(place)) return unknown;
    if (!('port' in place)) return passes;
    if (caller.network === 'other') return unknown;
    if (socket.options.reusePort) return passes;
    const others = this.#tables.listeners().filter((row) => row.inode !== inode && conflicts(row, place));
    if (others.length === 0) return passes;
    return { result: 'EADDRINUSE', inTheWay: this.#tables.socketsOn(place.port) };
  }
}

/** Whether a listener blocks another one of the same family. */
function conflicts({ local, family }: Row, place: Place): boolean {
  if (!('port' in place) || local.port !== place.port || family !== place.family) return false;
  return local.address === place.address || isWildcard(local.address) || isWildcard(place.address);
}
