import { TcpcloseError } from '../errors.ts';
import { netstat } from './netstat/observer.ts';
import type { Observer, ObserverKind } from './observer.ts';
import type { Place } from './place.ts';
import { proc } from './proc/observer.ts';
import { sockDiag } from './sock-diag/observer.ts';
import { ss } from './ss/observer.ts';
import { type OpenNext, SteadyObserver } from './steady.ts';

/** Every way to read the kernel's table. */
const observers = { ss, netstat, proc, sock_diag: sockDiag } satisfies Record<string, ObserverKind>;

export type ObserverName = keyof typeof observers;
export type ObserverChoice = ObserverName | 'auto';

export const observerNames = Object.keys(observers) as ObserverName[];
export const observerChoices: ObserverChoice[] = ['auto', ...observerNames];
export const observerLabels = Object.values(observers).map(({ label }) => label);

/** Observers whose command the user can run, too. If no command is shown, the kernel is asked directly, if possible. */
const auto: readonly ObserverName[] = ['ss', 'netstat', 'proc'];
export const directFirst: readonly ObserverName[] = ['sock_diag', ...auto];

/** The label of an observer; a saved run may name an unknown one. */
export function labelOf(name: string): string {
  const known: Readonly<Record<string, ObserverKind>> = observers;
  return known[name]?.label ?? name;
}

/**
 * Opens the named observer, or, with `auto` or several names, the first that is available. If its output cannot be read, the others are
 * tried in turn.
 * @throws TcpcloseError `no-observer` if none is available
 */
export async function openObserver(
  choice: ObserverChoice | readonly ObserverName[],
  place: Place,
  signal?: AbortSignal,
): Promise<Observer> {
  const names = typeof choice !== 'string' ? choice : choice === 'auto' ? auto : [choice];
  const left = names.values();
  const openNext: OpenNext = async (signal) => {
    for (const name of left) {
      const observer = await observers[name].open(place, signal);
      if (observer !== null) return { name, label: observers[name].label, ...observer };
    }
    return null;
  };
  const first = await openNext(signal);
  if (first !== null) return new SteadyObserver(first, openNext);
  const [only] = names.length === 1 ? names : [];
  throw new TcpcloseError('no-observer', only === undefined ? noneAtAll : observers[only].missing);
}

const noneAtAll = 'found neither ss, netstat nor /proc/net/tcp: install iproute2, or mount /proc';
