import type { Endpoint } from './address.ts';

/** What a check compared, in a form that another program can judge again from the raw text. */
export type Question = TableQuestion | ValueQuestion | SpanQuestion;

/** Of the kernel's table. */
export interface TableQuestion {
  readonly about: 'table';
  readonly ends: readonly { readonly local: Endpoint; readonly remote: Endpoint }[];
  /** Each end is in one of these; none: no end is in the table. */
  readonly states: readonly string[];
  /** `none`, or the process that must hold each; null if any may. */
  readonly process: number | 'none' | null;
  /** Its kind, or `none`; null if any may run. */
  readonly timer: string | null;
  readonly sendQueue: number | null;
  /** The least. */
  readonly retransmits: number | null;
  /** The least. */
  readonly receiveQueue: number | null;
  /** Readings, word for word: it must be so in all of them. */
  readonly readings: readonly string[];
}

type Plain = string | number | boolean;

/** Of a number, a text or anything else that was measured. */
export interface ValueQuestion {
  readonly about: 'value';
  readonly observed: Plain;
  readonly relation: 'equals' | 'is not' | 'between' | 'at least' | 'at most';
  readonly limits: readonly Plain[];
  /** How to get the same from the captured packets; null if packets do not show it. */
  readonly segments: SegmentQuestion | null;
}

/** Of a span, in milliseconds. */
export interface SpanQuestion {
  readonly about: 'span';
  readonly leastMs: number;
  readonly mostMs: number;
  /** The limits that must include all of it. */
  readonly low: number;
  readonly high: number;
}

/** Which captured segments a value comes from, and what of them it is. */
export interface SegmentQuestion {
  /** Both ends of the connection; of several with the same ends, it is the last one. */
  readonly connection: { readonly local: Endpoint; readonly remote: Endpoint };
  /** A display filter of tshark. */
  readonly filter: string;
  /** How many of the connection's segments come before those that count, or what the first of those has. */
  readonly after: number | 'the first FIN';
  /** `count`; `flags`: of each, with its sender; `figure`: in the notation of RFC 9293, or only line `line` of that, from 0. */
  readonly shown: 'count' | 'flags' | 'figure';
  readonly line: number | null;
}
