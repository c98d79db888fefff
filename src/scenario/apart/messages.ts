import type { Event, Outcome } from '../../events.ts';
import type { Need } from '../needs.ts';
import type { RunOptions } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { NamedFile } from '../user-file.ts';
import type { CarriedError } from './carried-error.ts';

/** What tcpclose tells the process of a user's own file. */
export type ToProcess =
  | LoadMessage
  | RunMessage
  /** To be answered in the next turn of its event loop. */
  | { readonly type: 'turn' }
  | { readonly type: 'stop'; readonly reason: string };

export interface LoadMessage extends NamedFile {
  readonly type: 'load';
  /** The arguments of tcpclose, which the file sees as its own. */
  readonly argv: readonly string[];
}

/** To run the loaded scenario; the process ends then. */
export interface RunMessage {
  readonly type: 'run';
  readonly options: CarriedOptions;
  /** What tcpclose has already tried on this machine. */
  readonly needs: readonly (readonly [Need, string | null])[];
}

/** What that process says. */
export type FromProcess =
  /** null: it exports nothing, and need not. `clock` is that of its times. */
  | { readonly type: 'loaded'; readonly scenario: Described | null; readonly clock: number }
  | { readonly type: 'failed'; readonly error: CarriedError }
  | { readonly type: 'event'; readonly event: CarriedEvent }
  /** A launcher takes long. */
  | { readonly type: 'slow'; readonly text: string }
  | { readonly type: 'turn' };

/** A scenario without its functions. */
export type Described = Omit<Scenario, 'run' | 'parameters'>;

/** A scenario of a suite takes no parameters, and its packets are not recorded. */
export interface CarriedOptions
  extends Pick<
    RunOptions,
    'address' | 'port' | 'observer' | 'network' | 'patienceMs' | 'afterContradiction' | 'timeoutMs'
  > {
  readonly launchWithinMs: number | undefined;
}

type Finished = Extract<Event, { readonly type: 'run finished' }>;

export type CarriedEvent =
  | Exclude<Event, Finished>
  | (Omit<Finished, 'outcome'> & { readonly outcome: CarriedOutcome });

type CarriedOutcome =
  | Exclude<Outcome, { readonly state: 'errored' }>
  | { readonly state: 'errored'; readonly error: CarriedError };
