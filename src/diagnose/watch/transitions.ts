import type { Endpoint } from '../../address.ts';
import { type Holder, identityOf, type Row, uniqueHolders } from '../../observe/row.ts';
import type { State } from '../../state.ts';

/** A change of state of one socket between two looks. Shorter states are missed. */
export interface Transition {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** null: it did not exist. */
  readonly from: State | null;
  /** null: it is gone. */
  readonly to: State | null;
  /** For TIME_WAIT and an orphaned FIN_WAIT2: how long it stays. */
  readonly leftMs: number | null;
  readonly processes: readonly Holder[];
}

export type ByKey = ReadonlyMap<string, Row>;

export function byKey(sockets: readonly Row[]): ByKey {
  return new Map(sockets.map((socket) => [identityOf(socket), socket]));
}

export function transitionsBetween(before: ByKey, now: ByKey): Transition[] {
  const changes = [...now].flatMap(([key, socket]) => {
    const from = before.get(key)?.state ?? null;
    return from === socket.state ? [] : transition(socket, from, socket.state);
  });
  const ends = [...before].flatMap(([key, socket]) =>
    now.has(key) ? [] : transition(socket, socket.state, null),
  );
  return [...changes, ...ends];
}

function transition(socket: Row, from: State | null, to: State | null): Transition {
  const { local, remote, processes } = socket;
  const leftMs = to === null ? null : leftOf(socket);
  return { local, remote, from, to, leftMs, processes: uniqueHolders(processes) };
}

export function leftOf({ timer }: Row): number | null {
  return timer?.kind === 'timewait' ? timer.leftMs : null;
}
