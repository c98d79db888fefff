import { formatEndpoint } from '../../address.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { State } from '../../state.ts';
import type { ConnectionEnd } from '../ends/connection-end.ts';

interface Seen {
  /** null: not in the table. */
  readonly state: State | null;
  /** When it was looked for, and the time before which it cannot have entered that state. On the clock of performance.now(). */
  readonly askedAt: number;
  readonly notBefore: number;
  /** When the timer of TIME_WAIT, or of an orphaned FIN_WAIT2, ends it. */
  readonly endsAt: number | null;
}

/** What was last seen of each end of a connection, and when stimuli were made: together they limit how long a state can have lasted. */
export class LastSeen {
  readonly #last = new Map<string, Seen>();
  readonly #stimuli: number[] = [];

  /** Something is about to be done. */
  stimulus(): void {
    this.#stimuli.push(performance.now());
  }

  note(end: ConnectionEnd, { rows, askedAt }: Snapshot): void {
    const row = rows.find((row) => end.is(row));
    const state = row?.state ?? null;
    // An end that is gone keeps it: the timer is the reason.
    const before = state === null ? (this.#lastOf(end)?.endsAt ?? null) : null;
    const endsAt = row?.timer?.kind === 'timewait' ? askedAt + row.timer.leftMs : before;
    const notBefore = this.notBefore(end, state === null ? [] : [state]);
    this.#last.set(keyOf(end), { state, askedAt, notBefore, endsAt });
  }

  /** The time before which an end cannot have been in one of these states, on the clock of performance.now(). */
  notBefore(end: ConnectionEnd, states: readonly State[]): number {
    const last = this.#lastOf(end);
    if (last?.state != null && states.includes(last.state)) return last.notBefore;
    const since = Math.max(end.knownSince, last?.askedAt ?? 0);
    // An established connection does not change until a stimulus; in other states the kernel or the other side acts.
    const quiet = last === undefined || last.state === 'ESTABLISHED';
    return quiet ? (this.#stimuli.find((at) => at >= since) ?? since) : since;
  }

  /** When the timer of the last TIME_WAIT seen on a port ends; null if none was seen. */
  endOnPort(port: number): number | null {
    const ends = [...this.#last].flatMap(([key, { endsAt }]) =>
      endsAt !== null && key.includes(`:${port} `) ? [endsAt] : [],
    );
    return ends.length === 0 ? null : Math.max(...ends);
  }

  // The same pair may have been connected before.
  #lastOf(end: ConnectionEnd): Seen | undefined {
    const last = this.#last.get(keyOf(end));
    return last !== undefined && last.askedAt >= end.knownSince ? last : undefined;
  }
}

function keyOf({ host, local, remote }: ConnectionEnd): string {
  return `${host.name} ${formatEndpoint(local)} > ${formatEndpoint(remote)} `;
}
