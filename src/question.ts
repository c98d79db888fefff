import type { Endpoint } from './address.ts';

/** What a check compared, in a form that another program can judge again from the raw text. */
export type Question = TableQuestion | ValueQuestion | SpanQuestion;

/** A question about the kernel's table. */
export interface TableQuestion {
  readonly about: 'table';
  readonly ends: readonly { readonly local: Endpoint; readonly remote: Endpoint }[];
  /** Each end is in one of these states; none: no end is in the table. */
  readonly states: readonly string[];
  /** `none`, or the process that must hold each end; null if any may. */
  readonly process: number | 'none' | null;
  /** The kind of its timer, or `none`; null if any may run. */
  readonly timer: string | null;
  readonly sendQueue: number | null;
  /** The minimum. */
  readonly retransmits: number | null;
  /** The minimum. */
  readonly receiveQueue: number | null;
  /** Readings, word for word: it must hold in all of them. */
  readonly readings: readonly string[];
}

type Plain = string | number | boolean;

/** A number, a text or anything else that was measured. */
export interface ValueQuestion {
  readonly about: 'value';
  readonly observed: Plain;
  readonly relation: 'equals' | 'is not' | 'between' | 'at least' | 'at most';
  readonly limits: readonly Plain[];
  /** How to get the same from the captured packets; null if packets do not show it. */
  readonly segments: SegmentQuestion | null;
  /** How to compute the same from another raw file; null if none shows it. */
  readonly derived: Derivation | null;
}

/** A span in milliseconds. */
export interface SpanQuestion {
  readonly about: 'span';
  readonly leastMs: number;
  readonly mostMs: number;
  /** The limits that must contain all of it. */
  readonly low: number;
  readonly high: number;
  /** How to compute both ends of it, as a list, from a raw file; null if none shows it. */
  readonly derived: Derivation | null;
}

/** How to compute a value from a raw file of the run. */
export interface Derivation {
  /**
   * `answers`: of the processes of the run, up to now; `packets`: all segments; `trace`: what the tracepoint reported; `table`: the rows of
   * the last reading of ss; `counters`: those that were read for the check, with how much they have moved.
   */
  readonly from: 'answers' | 'packets' | 'trace' | 'table' | 'counters';
  /** Only what is about these ends, of either side for packets; null for everything. */
  readonly ends: { readonly local: Endpoint; readonly remote: Endpoint } | null;
  /** A program of jq: its input is the list of what the file contains, oldest first. */
  readonly jq: string;
}

/** Which captured segments a value comes from, and what it says about them. */
export interface SegmentQuestion {
  /** Both ends of the connection; if several have the same ends, it is the last one. */
  readonly connection: { readonly local: Endpoint; readonly remote: Endpoint };
  /** A display filter of tshark. */
  readonly filter: string;
  /** How many of the connection's segments come before those that count, or what the first of those contains. */
  readonly after: number | 'the first FIN';
  /** How many of the connection's segments had been captured when the value was taken; null if it stays the same to the end. */
  readonly until: number | null;
  /**
   * `count`; `flags`: those of each segment, with its sender; `flags of the first`: of that one alone; `endings`: which sides sent FIN or RST; `figure`:
   * in the notation of RFC 9293, or only line `line` of it, from 0.
   */
  readonly shown: 'count' | 'flags' | 'flags of the first' | 'endings' | 'figure';
  readonly line: number | null;
}
