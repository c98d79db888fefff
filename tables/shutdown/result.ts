import type { Circumstances, Machine } from '../machine.ts';
import type { WayName } from './ways.ts';

export const clientKinds = ['new', 'pooled', 'idle', 'slow'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Requests of one kind of client that were over after the signal. */
export interface KindCount {
  readonly kind: ClientKind;
  readonly requests: number;
  /** Of these, without those that nobody could have answered because nobody listened. */
  readonly lost: number;
}

/** One restart. */
export type ShutdownRun = Circumstances &
  (
    | {
        readonly state: 'measured';
        /** From the signal on; null if it still ran when the time was over. */
        readonly exitsAfterMs: number | null;
        /** Until the listener was closed. */
        readonly listensForMs: number | null;
        readonly kinds: readonly KindCount[];
        /** Requests that were refused, or not accepted in time, because nobody listened. */
        readonly outage: number;
        readonly causes: readonly { readonly cause: string; readonly lost: number }[];
      }
    | { readonly state: 'not measured'; readonly why: string }
  );

/** A segment of a lost request's connection. */
export interface Arrow {
  /** Since the signal. */
  readonly ms: number;
  readonly from: 'client' | 'server';
  readonly text: string;
}

/** One lost request. */
export interface Ladder {
  readonly node: number;
  readonly kind: ClientKind;
  readonly ending: string;
  readonly cause: string;
  readonly arrows: readonly Arrow[];
}

export interface ShutdownRow {
  readonly way: WayName;
  readonly node: number;
  readonly runs: readonly ShutdownRun[];
}

export interface ShutdownTable {
  readonly machine: Machine;
  /** The load, as --load takes it. */
  readonly load: string;
  /** How long a server had to exit. */
  readonly stopTimeoutMs: number;
  /** By major version. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, string>>;
  readonly rows: readonly ShutdownRow[];
  /** One for each way that lost a request, if it was captured. */
  readonly ladders: Readonly<Partial<Record<WayName, Ladder>>>;
}
