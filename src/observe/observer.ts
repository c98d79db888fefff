import { TcpcloseError } from '../errors.ts';
import type { Harmless, HarmlessLines } from '../foreign.ts';
import { openNetstat } from './netstat/observer.ts';
import type { Place } from './place.ts';
import { openProc } from './proc/observer.ts';
import type { Parsed, Row, UnreadLine } from './row.ts';
import { openSs } from './ss/observer.ts';
import { type OpenNext, SteadyObserver } from './steady.ts';

/** A way to read the kernel's table of TCP sockets. All give the same rows for the same sockets. */
export interface Observer {
  readonly name: ObserverName;
  /** As the program tells it, such as `iproute2-6.1.0`; null for /proc, which is the kernel's own. */
  readonly version: Harmless | null;
  /** The command with which a person sees the same from another terminal. */
  command(ports: readonly number[]): string;
  /** The sockets that have one of these ports at either end, in any state. */
  read(ports: readonly number[], signal?: AbortSignal): Promise<Reading>;
}

export interface Reading extends Parsed {
  /** What was read, word for word, but without the lines of other ports. */
  readonly raw: HarmlessLines;
}

/** One reading of the table, with its circumstances. */
export interface Snapshot {
  readonly observer: ObserverName;
  readonly command: string;
  /** When it was asked for and when it was there, in milliseconds on the axis of performance.now(). */
  readonly askedAt: number;
  readonly takenAt: number;
  readonly rows: readonly Row[];
  readonly unread: readonly UnreadLine[];
  readonly raw: HarmlessLines;
}

export async function takeSnapshot(
  observer: Observer,
  ports: readonly number[],
  signal?: AbortSignal,
): Promise<Snapshot> {
  const askedAt = performance.now();
  const reading = await observer.read(ports, signal);
  const takenAt = performance.now();
  return { observer: observer.name, command: observer.command(ports), askedAt, takenAt, ...reading };
}

/** In the order of `auto`. Each opens its way at a place, or gives null where it is missing. */
const openers = { ss: openSs, netstat: openNetstat, proc: openProc };

export type ObserverName = keyof typeof openers;
export type ObserverChoice = ObserverName | 'auto';

export const observerNames = Object.keys(openers) as ObserverName[];
export const observerChoices: ObserverChoice[] = ['auto', ...observerNames];

/**
 * Opens the observer of that name, or with `auto` the first that is there; where what that one says cannot be read, the others
 * are asked in turn.
 * @throws TcpcloseError `no-observer` when it is not there
 */
export async function openObserver(
  choice: ObserverChoice,
  place: Place,
  signal?: AbortSignal,
): Promise<Observer> {
  const names = (choice === 'auto' ? observerNames : [choice]).values();
  const openNext: OpenNext = async (signal) => {
    for (const name of names) {
      const observer = await openers[name](place, signal);
      if (observer !== null) return observer;
    }
    return null;
  };
  const first = await openNext(signal);
  if (first === null) throw new TcpcloseError('no-observer', missing[choice]);
  return new SteadyObserver(first, openNext);
}

const missing: Readonly<Record<ObserverChoice, string>> = {
  ss: 'ss was not found: install iproute2, or let --observer auto choose another way',
  netstat: 'netstat of net-tools was not found: install net-tools, or let --observer auto choose another way',
  proc: '/proc/net/tcp cannot be read: mount /proc, or let --observer auto choose another way',
  auto: 'found neither ss, netstat nor /proc/net/tcp: install iproute2, or mount /proc',
};
