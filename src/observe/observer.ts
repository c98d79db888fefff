import { TcpcloseError } from '../errors.ts';
import type { Harmless, HarmlessLines } from '../foreign.ts';
import type { Output, Place } from './place.ts';
import type { Parsed, Row, UnreadLine } from './row.ts';

/** A way to read the kernel's table of TCP sockets, as listed in the registry. All ways return the same rows for the same sockets. */
export interface ObserverKind {
  /** Its name in reports: `/proc/net/tcp`. */
  readonly label: string;
  /** Why it cannot be opened, and what to do. */
  readonly missing: string;
  /** null if it is missing at the place. */
  open(place: Place, signal?: AbortSignal): Promise<OpenObserver | null>;
}

/** An observer that is open at a place. */
export interface OpenObserver {
  /** The version that the program prints, such as `iproute2-6.1.0`; null for the kernel's own interfaces. */
  readonly version: Harmless | null;
  /** The command that shows the same in another terminal. */
  command(ports: readonly number[]): string;
  /** The sockets that have one of these ports at either end, in any state. */
  read(ports: readonly number[], signal?: AbortSignal): Promise<Reading>;
}

export interface Observer extends OpenObserver, Pick<ObserverKind, 'label'> {
  readonly name: string;
}

export interface Reading extends Parsed {
  /** The text that was read, word for word, without the lines of other ports. */
  readonly raw: HarmlessLines;
  /** The number of processes that did not show their descriptors, if they were counted. */
  readonly refused?: number;
}

/** One reading of the table, with its circumstances. */
export interface Snapshot {
  readonly observer: string;
  readonly command: string;
  /** When it was requested and when it was complete, in milliseconds on the clock of performance.now(). */
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
  const { rows, unread, raw } = await observer.read(ports, signal);
  const takenAt = performance.now();
  return { observer: observer.name, command: observer.command(ports), askedAt, takenAt, rows, unread, raw };
}

/** @param others the observers to try instead */
export function failureOf(program: string, { stderr, exitCode }: Output, others: string): TcpcloseError {
  const why = stderr.trim() || `exit status ${exitCode}`;
  return new TcpcloseError('observer-failed', `${program} failed (${why}): try ${others}`);
}
