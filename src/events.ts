import type { Movement } from './observe/counters/counters.ts';
import type { Snapshot } from './observe/observer.ts';
import type { Recording } from './observe/packets/recording.ts';
import type { Question } from './question.ts';

/** Everything that happens in a run, and all that reporters know. `at` is a time on the clock of performance.now(). */
export type Event =
  | RunStartedEvent
  | StepEvent
  | PeerEvent
  | ActionEvent
  | WaitingEvent
  | { readonly type: 'waited' }
  | { readonly type: 'snapshot'; readonly host: string; readonly snapshot: Snapshot }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'check'; readonly check: Check; readonly at: number }
  | { readonly type: 'load'; readonly sample: LoadSample }
  | { readonly type: 'counters'; readonly counters: readonly MovedCounters[] }
  | CountedEvent
  | { readonly type: 'answered'; readonly answer: Answer }
  /** The capture of the whole run, if it was recorded. */
  | { readonly type: 'recorded'; readonly recording: Recording }
  | { readonly type: 'run finished'; readonly outcome: Outcome; readonly durationMs: number };

export type Emit = (event: Event) => void;

export interface RunStartedEvent {
  readonly type: 'run started';
  readonly run: RunDescription;
  readonly environment: Environment;
  readonly at: number;
}

/** Which experiment runs, with which parameters. */
export interface RunDescription {
  readonly scenario: string;
  readonly title: string;
  readonly claim: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Where it runs: the host of the server, if there are two. */
export interface Environment extends HostEnvironment {
  /** Behind launchers: each host separately. */
  readonly hosts?: readonly NamedEnvironment[] | undefined;
}

interface HostEnvironment {
  readonly kernel: string;
  readonly arch: string;
  readonly node: string;
  readonly observer: string;
  readonly observerVersion: string | null;
  readonly user: number;
}

interface NamedEnvironment extends HostEnvironment {
  readonly role: 'server' | 'client';
  /** Its launcher. */
  readonly name: string;
}

/** A new paragraph of the experiment. `look`: the command with which one can look from another terminal. */
export interface StepEvent {
  readonly type: 'step';
  readonly number: number;
  readonly title: string;
  readonly look: string | null;
  readonly at: number;
}

/** A new peer: a server that listens, or a client that is connected. */
export interface PeerEvent {
  readonly type: 'peer';
  readonly name: string;
  readonly pid: number;
  readonly description: string;
  readonly at: number;
}

/** A stimulus, and the peer that received it. */
export interface ActionEvent {
  readonly type: 'action';
  readonly who: string;
  readonly verb: string;
  readonly detail: string;
  /** `left out` in a control experiment, which withholds a stimulus to see the checks fail. */
  readonly made: 'really' | 'left out';
  readonly at: number;
}

export interface WaitingEvent {
  readonly type: 'waiting';
  readonly what: string;
  /** When a kernel timer ends it, on the clock of performance.now(); null without such a timer. */
  readonly endsAt: number | null;
}

/** The progress of many short connections. */
export interface LoadSample {
  /** Milliseconds since they began. */
  readonly atMs: number;
  readonly done: number;
  readonly of: number;
  /** How many have ended, by outcome: `ok`, or the call that failed with its errno. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Connections per second since the last sample. */
  readonly perSecond: number;
  /** Sockets in TIME_WAIT at that time on all hosts of the run, without those that were there before. */
  readonly timeWaits: number;
}

/** What the kernel of one host counted during the run; this includes other programs unless the run had its own network. */
export interface MovedCounters {
  readonly host: string;
  readonly scope: 'this run' | 'the whole machine';
  readonly moved: readonly Movement[];
}

/** The kernel's counters were read twice: the contents of the /proc files, word for word. */
export interface CountedEvent {
  readonly type: 'counted';
  readonly host: string;
  /** The requested counter; null at the end of the run, for all of them. */
  readonly counter: string | null;
  readonly before: string;
  readonly after: string;
}

/** What a process of the run answered to a call, word for word. */
export interface Answer {
  readonly pid: number;
  readonly method: string;
  readonly params: unknown;
  readonly result: unknown;
  /** The system call that failed in that process, and its errno; null if none did. */
  readonly failure: { readonly call: string; readonly errno: string } | null;
  /** On the clock of performance.now(). */
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** One expectation compared with one observation. */
export interface Check {
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly verdict: 'as expected' | 'contradicted';
  /** Why, if the result surprises. */
  readonly note: string | null;
  readonly bearings: readonly Bearing[];
  /** The reading that decided the verdict, word for word; null if no table was read. */
  readonly raw: string | null;
  /** What was compared, so that a program can judge it again; null if it is the result of a call. */
  readonly question?: Question | null;
  /** The stimulus without which the result changes; null for the control of the scenario. */
  readonly without?: string | null;
  /** Why no stimulus changes the result, and what shows that it could be different; null if a stimulus does. */
  readonly uncontrolled?: string | null;
  /** The line of the scenario that expects it; null if unknown. */
  readonly location: Location | null;
}

/** A line of a file, whose path is relative to the folder of the run. */
export interface Location {
  readonly file: string;
  readonly line: number;
}

/** What a check is about: a claim, `C06`, one of its parts, `C03/bind`, or a case of it, `C06/new only`. */
export interface Bearing {
  readonly claim: string;
  /** `not decided`: contradicted by something that neither the claim nor its opposite predicts. */
  readonly finding: 'holds' | 'refuted' | 'does not apply' | 'not decided';
  /** The settings or options without which the result might be different; null if none are known. */
  readonly under: string | null;
}

export type Outcome =
  | { readonly state: 'passed' }
  /** Contradicted; or required but not tried, with the reason. */
  | { readonly state: 'failed'; readonly reason?: string }
  | { readonly state: 'skipped'; readonly reason: string }
  | { readonly state: 'errored'; readonly error: Error }
  | { readonly state: 'interrupted'; readonly reason: string };

/** What happens when many scenarios run at once. */
export type SuiteEvent =
  | { readonly type: 'suite started'; readonly scenarios: readonly SuiteMember[] }
  | SuiteMemberEvent
  | SuiteAgainEvent
  | SuiteBusyEvent
  | { readonly type: 'suite finished'; readonly outcome: SuiteOutcome; readonly durationMs: number };

export interface SuiteMember {
  readonly name: string;
  readonly topic: string;
  readonly round: number;
  /** About how long it takes, by its own estimate. */
  readonly takesMs: number;
}

export interface SuiteMemberEvent {
  readonly type: 'of scenario';
  readonly scenario: string;
  readonly topic: string;
  readonly round: number;
  readonly event: Event;
}

/** States came and went unseen. What this run has reported is void: it starts again, alone. */
export interface SuiteAgainEvent {
  readonly type: 'again';
  readonly scenario: string;
  readonly topic: string;
  readonly round: number;
  readonly reason: string;
}

/** What was too slow to see waits, some minutes at most, until the machine is no longer so busy. */
export interface SuiteBusyEvent {
  readonly type: 'busy';
  readonly reason: string;
}

export type SuiteEmit = (event: SuiteEvent) => void;
export type SuiteOutcome = Outcome['state'];
