import * as v from 'valibot';
import { type DocumentOf, endpoint, environment, outcome, schemaVersion } from './parts.ts';

const describe = v.description;
const finding = v.string();
const file = v.pipe(v.string(), describe('its path in the folder'));
const plain = v.union([v.string(), v.number(), v.boolean()]);
const ends = v.object({ local: endpoint, remote: endpoint });

const table = v.object({
  about: v.literal('table'),
  ends: v.array(ends),
  states: v.pipe(
    v.array(v.string()),
    describe('each end is in one of these states; empty: in any state, or in no table'),
  ),
  process: v.pipe(v.nullable(v.union([v.number(), v.literal('none')])), describe('a pid')),
  timer: v.nullable(v.string()),
  sendQueue: v.nullable(v.number()),
  retransmits: v.pipe(v.nullable(v.number()), describe('the least')),
  receiveQueue: v.pipe(
    v.nullable(v.number()),
    describe('the least; without a state, null stands for no table'),
  ),
  readings: v.array(file),
});

const segments = v.object({
  connection: ends,
  filter: v.pipe(v.string(), describe('a display filter of tshark')),
  after: v.union([v.number(), v.literal('the first FIN')]),
  until: v.pipe(
    v.nullable(v.number()),
    describe('as many of its segments had been captured; null: all of them'),
  ),
  shown: v.picklist(['count', 'flags', 'flags of the first', 'endings', 'figure']),
  line: v.nullable(v.number()),
});

const derived = v.object({
  from: v.picklist(['answers', 'packets', 'trace', 'table', 'counters']),
  ends: v.pipe(v.nullable(ends), describe('only what is about them; null: everything')),
  jq: v.pipe(
    v.string(),
    describe('the program of jq that computes it from the list of what the file contains'),
  ),
  reading: v.pipe(v.nullable(file), describe('the table that it comes from; null if it comes from none')),
  answers: v.pipe(
    v.nullable(v.number()),
    describe('how many answers there were before; null if it comes from none'),
  ),
});

const value = v.object({
  about: v.literal('value'),
  observed: plain,
  relation: v.picklist(['equals', 'is not', 'between', 'at least', 'at most']),
  limits: v.array(plain),
  segments: v.nullable(segments),
  derived: v.pipe(v.nullable(derived), describe('how to compute what was observed from a raw file')),
});

const span = v.object({
  about: v.literal('span'),
  ...{ leastMs: v.number(), mostMs: v.number(), low: v.number(), high: v.number() },
  derived: v.pipe(v.nullable(derived), describe('how to compute both ends of it, as a list')),
});

const counted = v.object({
  counter: v.nullable(v.string()),
  by: v.pipe(v.number(), describe('on all hosts together')),
  hosts: v.array(v.object({ before: file, after: file })),
});

const check = v.object({
  scenario: v.string(),
  title: v.string(),
  expected: v.string(),
  observed: v.string(),
  verdict: v.picklist(['as expected', 'contradicted']),
  without: v.pipe(
    v.nullable(v.string()),
    describe('the stimulus without which the result differs; null if none is named'),
  ),
  uncontrolled: v.pipe(v.nullable(v.string()), describe('why no stimulus is named; null if one is')),
  claims: v.array(v.object({ claim: v.string(), finding, under: v.nullable(v.string()) })),
  question: v.nullable(v.variant('about', [table, value, span])),
  counted: v.pipe(v.array(counted), describe('the counters that were read for it')),
});

const scenario = v.object({
  name: v.string(),
  title: v.string(),
  claim: v.string(),
  outcome,
  run: v.pipe(file, describe('what was done and seen, step by step')),
  counters: v.array(v.object({ host: v.string(), before: file, after: file })),
  answers: v.pipe(v.nullable(file), describe('what the processes answered to each call, one JSON per line')),
  trace: v.pipe(v.nullable(file), describe("the lines of the kernel's tracepoint for states")),
  packets: v.nullable(
    v.object({
      file,
      segments: v.number(),
      flags: v.pipe(v.record(v.string(), v.number()), describe('how many segments have each flag')),
    }),
  ),
});

const found = { finding, under: v.nullable(v.string()), refutedUnder: v.nullable(v.string()) };
const statement = v.object({ part: v.string(), text: v.string(), ...found });

/** `evidence.json` of a claim, beside the raw files from which the same finding can be made. */
export const evidenceDocument = v.object({
  schemaVersion,
  tcpclose: v.pipe(v.string(), describe('its version')),
  environment: v.nullable(environment),
  claim: v.object({
    id: v.string(),
    claim: v.string(),
    ...found,
    reason: v.nullable(v.string()),
    parts: v.pipe(v.array(statement), describe('what the claim consists of')),
    cases: v.pipe(v.array(statement), describe('what is shown beside it')),
  }),
  scenarios: v.array(scenario),
  checks: v.array(check),
});

export type EvidenceDocument = DocumentOf<typeof evidenceDocument>;
