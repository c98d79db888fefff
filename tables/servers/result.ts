import type { Circumstances, Machine } from '../machine.ts';
import type { KindCount } from '../shutdown/result.ts';

/** One of the four ways of `restart --all`. */
export interface WayOfRestart {
  readonly signal: string;
  readonly clients: 'stay' | 'close';
  readonly verdict: 'survives' | 'loses' | 'fails' | 'not decided';
  readonly cause: string | null;
}

/** What its listener had, and the socket when bind() was called. */
export interface ListenerFacts {
  readonly atBind: boolean | null;
  readonly atListener: boolean | null;
  readonly reusePort: boolean | null;
}

/** A restart under load. */
export type LoadRun = Circumstances & { readonly signal: string } & (
    | {
        readonly state: 'measured';
        readonly exitsAfterMs: number | null;
        readonly kinds: readonly KindCount[];
        readonly outage: number;
        readonly causes: readonly { readonly cause: string; readonly lost: number }[];
      }
    | { readonly state: 'not measured'; readonly why: string }
  );

/** When it closes idle connections. */
export type IdleFacts = Circumstances &
  (
    | {
        readonly state: 'measured';
        readonly is: 'says close' | 'closes' | 'closes unannounced' | 'open' | 'not measured';
        /** Until it closed after a request, or for how long it was seen open. */
        readonly ms: number | null;
        readonly by: 'FIN' | 'RST' | null;
        /** The same before a first request; null if it was not seen to close. */
        readonly beforeRequestMs: number | null;
        /** What it says in `Keep-Alive: timeout=`. */
        readonly saysS: number | null;
        readonly keeps: 'yes' | 'closes earlier' | 'not known' | null;
      }
    | { readonly state: 'not measured'; readonly why: string }
  );

export interface ServerRow {
  /** A key of `serverKinds`. */
  readonly server: string;
  /** null if it is not installed. */
  readonly version: string | null;
  /** Why there is nothing but its name. */
  readonly whyNot: string | null;
  readonly listener: ListenerFacts | null;
  readonly ways: readonly WayOfRestart[];
  readonly loads: readonly LoadRun[];
  readonly idle: IdleFacts | null;
}

export interface ServersTable {
  readonly machine: Machine;
  /** How long a server had to exit. */
  readonly stopTimeoutMs: number;
  readonly rows: readonly ServerRow[];
}
