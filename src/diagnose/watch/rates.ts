import { countBy } from '../../group.ts';
import type { Row } from '../../observe/row.ts';
import type { State } from '../../state.ts';

/** Connections per second that appeared and that disappeared lately. Those that came and went between two looks are missed. */
export interface Rates {
  readonly opened: number;
  readonly ended: number;
}

const windowMs = 10_000;
const shortestMs = 1000;

interface Look {
  readonly atMs: number;
  readonly opened: number;
  readonly ended: number;
  readonly counts: ReadonlyMap<State, number>;
}

/** Counts what appears, disappears and grows from look to look. */
export class Flow {
  #looks: Look[] = [];
  #connections: ReadonlySet<string> | undefined;

  see(sockets: readonly Row[], atMs: number): void {
    const before = this.#connections;
    const now = new Set(sockets.filter(({ remote }) => remote.port !== 0).map(connectionOf));
    const counts = countBy(sockets, ({ state }) => state);
    const opened = before === undefined ? 0 : [...now].filter((one) => !before.has(one)).length;
    const ended = [...(before ?? [])].filter((one) => !now.has(one)).length;
    this.#connections = now;
    this.#looks.push({ atMs, opened, ended, counts });
    // The first look of the window is the base; its own changes came before.
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? atMs) <= atMs - windowMs) this.#looks.shift();
  }

  /** null until a second has passed. */
  get rates(): Rates | null {
    const seconds = this.#seconds();
    if (seconds === null) return null;
    const later = this.#looks.slice(1);
    const sum = (count: (look: Look) => number) => later.reduce((total, look) => total + count(look), 0);
    return { opened: sum(({ opened }) => opened) / seconds, ended: sum(({ ended }) => ended) / seconds };
  }

  /** The number of sockets by which a state grows or shrinks per second; null until a second has passed. */
  growth(state: State): number | null {
    const seconds = this.#seconds();
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (seconds === null || first === undefined || last === undefined) return null;
    return ((last.counts.get(state) ?? 0) - (first.counts.get(state) ?? 0)) / seconds;
  }

  #seconds(): number | null {
    const spanMs = (this.#looks.at(-1)?.atMs ?? 0) - (this.#looks[0]?.atMs ?? 0);
    return spanMs < shortestMs ? null : spanMs / 1000;
  }
}

/** The same for both ends, which may both be on this machine. */
function connectionOf({ local, remote }: Row): string {
  const ends = [local, remote].map(({ address, port }) => `${address} ${port}`);
  return ends.sort().join(' ');
}
