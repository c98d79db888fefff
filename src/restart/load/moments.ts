import type { FinishedRequest } from '../../load/request.ts';
import type { ExitSeenBy, Moments } from './account.ts';
import type { Exit } from './lost.ts';

/** What the round knows at its end; times are in milliseconds of CLOCK_MONOTONIC. */
export interface Ends {
  readonly exit: Exit;
  readonly signal: NodeJS.Signals;
  readonly exitedAt: number | null;
  readonly exitSeenBy: ExitSeenBy | null;
  readonly startedAt: number | null;
  /** Seen in the calls of the second start; null if they were not watched. */
  readonly listensAt: number | null;
  /** When a reload was over; undefined for a restart. */
  readonly reloadedAt?: number | undefined;
  /** When the second start of a handover began. */
  readonly handoverFrom?: number | undefined;
}

/** What was seen of the restart, and of the load. */
interface Seen extends Ends {
  readonly loadFrom: number;
  readonly signalAt: number;
  readonly aliveAt: number | null;
  /** Seen in the kernel's table. */
  readonly goneAt: number | null;
  readonly goneSeenBy: 'notice' | 'table' | null;
  readonly backAt: number | null;
  /** Whether the table was read at all, which is not possible for a Unix socket. */
  readonly table: 'read' | 'not read';
}

/**
 * The moments of a restart. The table is read every few milliseconds, an exit is reported late, and a call is seen before it is executed. A
 * refused connection proves that nothing listened, and so corrects all of them.
 */
export function momentsOf(requests: readonly FinishedRequest[], seen: Seen): Moments {
  const {
    loadFrom,
    signalAt,
    exit,
    exitedAt,
    exitSeenBy,
    aliveAt,
    startedAt,
    listensAt,
    goneAt,
    goneSeenBy,
    backAt,
    table,
    reloadedAt,
    handoverFrom,
  } = seen;
  const refused = requests
    .filter(({ class: ending, startedAt }) => ending === 'refused' && startedAt >= signalAt)
    .map(({ endedAt }) => endedAt);
  // The exit of a process ends its listener, unless other processes have it too.
  const exitEnds = table === 'read' && goneAt === null ? null : exitedAt;
  const listenerGone = earliest([goneAt, exitEnds, ...refused]);
  const kept = table === 'read' && listenerGone === null && exitedAt !== null;
  const listens = kept ? startedAt : (listensAt ?? backAt);
  const answers =
    listens === null || handoverFrom !== undefined
      ? null
      : firstAnswer(requests, listens, kept ? 'any' : 'opened since');
  const exited = exit === 'by the signal' || exit === 'killed' ? earliest([exitedAt, ...refused]) : exitedAt;
  const last = answers ?? Number.POSITIVE_INFINITY;
  return {
    loadFrom,
    signal: signalAt,
    listenerGone,
    exited,
    exitSeenBy: exited === null ? null : exited === exitedAt ? exitSeenBy : 'refused',
    lastAlive: aliveAt,
    started: startedAt,
    kept,
    listens:
      listens === null ? null : refused.filter((at) => at < last).reduce((a, b) => Math.max(a, b), listens),
    answers,
    reloaded: reloadedAt,
    handoverFrom,
    goneSeenBy:
      listenerGone === null
        ? null
        : listenerGone === goneAt
          ? goneSeenBy
          : listenerGone === exitedAt
            ? 'exit'
            : 'refused',
    listensSeenBy: listensAt === null ? 'table' : 'calls',
  };
}

/** @param connections those to the second start; a kept listener may have taken one before the start began */
function firstAnswer(
  requests: readonly FinishedRequest[],
  listens: number,
  connections: 'opened since' | 'any',
): number | null {
  const isOfSecond = ({ class: ending, connectedAt, endedAt }: FinishedRequest) =>
    ending === 'answered' && (connections === 'any' ? endedAt : (connectedAt ?? 0)) >= listens;
  return earliest(requests.filter(isOfSecond).map(({ endedAt }) => endedAt));
}

function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b));
}
