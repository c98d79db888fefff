import type { Endpoint } from '../address.ts';
import type { Step } from '../diagnose/advice/step.ts';
import type { Harmless } from '../foreign.ts';
import type { Facts } from './facts.ts';

/** Something that an audit looks for: facts in, findings out. */
export interface FindingKind {
  /** Its name in documents and reports. */
  readonly name: string;
  /** What is wrong if it is found, as half a sentence. */
  readonly title: string;
  find(facts: Facts): readonly Finding[] | Promise<readonly Finding[]>;
}

export interface Finding {
  /** `wrong` causes harm, now or soon; a `note` is worth knowing, and a healthy machine may have it. */
  readonly severity: 'wrong' | 'note';
  /** How bad it is within its severity: connections that fail now count more than those that may fail. */
  readonly weight: number;
  /** The finding with its numbers, as one sentence without a full stop. */
  readonly what: string;
  readonly fault: Fault;
  /** null if it has no age, or if the age cannot be read. */
  readonly since: Ages | null;
  /** How it develops. */
  readonly trend: string | null;
  /** The consequence, and when it comes. */
  readonly cost: string | null;
  /** What to do, the best first. */
  readonly steps: readonly Step[];
  /** The number of sockets, or of whatever the finding counts. */
  readonly count: number;
  /** The ends of the first few sockets, oldest first. */
  readonly sockets: readonly Pair[];
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface Pair {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** The side and the processes at fault. If both ends are on this machine, these are the processes of the end at fault. */
export interface Fault {
  readonly side: 'this side' | 'the other side' | 'the network' | 'a setting' | 'nobody' | 'unknown';
  readonly processes: readonly Culprit[];
  /** The evidence for it. */
  readonly because: string;
}

export interface Culprit {
  readonly pid: number;
  readonly command: Harmless;
  readonly user: Harmless | null;
  /** Its first descriptors for these sockets; empty if they cannot be seen. */
  readonly descriptors: readonly number[];
}

/** In milliseconds. */
export interface Ages {
  readonly oldestMs: number;
  readonly newestMs: number;
  /** `at least`: keep-alive or later data hides the true age. */
  readonly precision: 'exact' | 'at least';
}
