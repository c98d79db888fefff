import type { FinishedRequest } from '../../load/request.ts';
import type { Moments } from './account.ts';
import type { Exit } from './lost.ts';

/** What was seen of the restart, in milliseconds of CLOCK_MONOTONIC. */
interface Seen {
  readonly loadFrom: number;
  readonly signalAt: number;
  readonly exit: Exit;
  readonly exitedAt: number | null;
  readonly startedAt: number | null;
  /** By the call of the second start. */
  readonly listensAt: number | null;
  /** By the kernel's table. */
  readonly goneAt: number | null;
  readonly goneSeenBy: 'notice' | 'table' | null;
  readonly backAt: number | null;
  readonly reloadedAt: number | undefined;
  readonly handoverFrom: number | undefined;
}

/**
 * The moments of a restart. The table is read every few milliseconds, an exit is reported later, and a call is seen before it is carried
 * out: a refused connection, which proves that nobody listened, corrects all of them.
 */
export function momentsOf(requests: readonly FinishedRequest[], seen: Seen): Moments {
  const {
    loadFrom,
    signalAt,
    exit,
    exitedAt,
    startedAt,
    listensAt,
    goneAt,
    goneSeenBy,
    backAt,
    reloadedAt,
    handoverFrom,
  } = seen;
  const listens = listensAt ?? backAt;
  const refused = requests
    .filter(({ class: ending, startedAt }) => ending === 'refused' && startedAt >= signalAt)
    .map(({ endedAt }) => endedAt);
  const answers = listens === null || handoverFrom !== undefined ? null : firstAnswer(requests, listens);
  const last = answers ?? Number.POSITIVE_INFINITY;
  const listenerGone = earliest([goneAt, exitedAt, ...refused]);
  return {
    loadFrom,
    signal: signalAt,
    listenerGone,
    exited: exit === 'by the signal' || exit === 'killed' ? earliest([exitedAt, ...refused]) : exitedAt,
    started: startedAt,
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

function firstAnswer(requests: readonly FinishedRequest[], listens: number): number | null {
  const isOfSecond = ({ class: ending, connectedAt }: FinishedRequest) =>
    ending === 'answered' && (connectedAt ?? 0) >= listens;
  return earliest(requests.filter(isOfSecond).map(({ endedAt }) => endedAt));
}

function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b));
}
