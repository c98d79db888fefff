import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeTrace } from '../../../../src/observe/packets/merge-trace.ts';
import type { Transition } from '../../../../src/observe/packets/transitions.ts';
import type { State } from '../../../../src/state.ts';

/** One change of a side: in the table that queries read, and in the trace, which says nothing (`undefined`) of some. */
interface Step {
  readonly table: readonly [State | null, State | null] | undefined;
  readonly trace: readonly [State | null, State | null] | undefined;
}

const both = (from: State | null, to: State | null): Step => ({ table: [from, to], trace: [from, to] });
const inTable = (from: State | null, to: State | null): Step => ({ table: [from, to], trace: undefined });
/** The full socket is closed, and a smaller one takes its place. */
const replaced = (from: State, to: State): Step => ({
  table: from === to ? undefined : [from, to],
  trace: [from, null],
});

const timeWaitEnds = inTable('TIME_WAIT', null);
const orphaned = replaced('FIN_WAIT2', 'FIN_WAIT2');

const beginnings: readonly (readonly Step[])[] = [
  [],
  [both(null, 'SYN_SENT'), both('SYN_SENT', 'ESTABLISHED')],
  // A socket without a port yet is not traced.
  [inTable(null, 'SYN_SENT'), both('SYN_SENT', 'ESTABLISHED')],
  // The trace reports the request when a full socket is made of it.
  [
    inTable(null, 'SYN_RECV'),
    { table: undefined, trace: [null, 'SYN_RECV'] },
    both('SYN_RECV', 'ESTABLISHED'),
  ],
];
const activeClose = [both('ESTABLISHED', 'FIN_WAIT1'), both('FIN_WAIT1', 'FIN_WAIT2')];
const ends: readonly (readonly Step[])[] = [
  [both('ESTABLISHED', 'CLOSE_WAIT'), both('CLOSE_WAIT', 'LAST_ACK'), both('LAST_ACK', null)],
  [both('ESTABLISHED', null)],
  [
    both('ESTABLISHED', 'FIN_WAIT1'),
    both('FIN_WAIT1', 'CLOSING'),
    replaced('CLOSING', 'TIME_WAIT'),
    timeWaitEnds,
  ],
  [...activeClose, both('FIN_WAIT2', null)],
  [...activeClose, replaced('FIN_WAIT2', 'TIME_WAIT'), timeWaitEnds],
  [...activeClose, orphaned, inTable('FIN_WAIT2', 'TIME_WAIT'), timeWaitEnds],
  [...activeClose, orphaned, inTable('FIN_WAIT2', null)],
];

/** Gaps of microseconds, as between the segments of a close on one machine, and longer ones. */
const gap = fc.oneof(fc.double({ min: 0.001, max: 0.02, noNaN: true }), fc.integer({ min: 1, max: 50 }));
const part = fc.double({ min: 0.01, max: 0.99, noNaN: true });

interface TimedStep extends Step {
  readonly at: number;
}

const history = fc
  .tuple(
    fc.constantFrom(...beginnings),
    fc.constantFrom(...ends),
    fc.array(gap, { minLength: 9, maxLength: 9 }),
  )
  .map(([beginning, end, gaps]): readonly TimedStep[] => {
    let at = 100;
    return [...beginning, ...end].map((step, i) => {
      at += gaps[i] ?? 1;
      return { ...step, at };
    });
  });

/** A query, and when the kernel read the table for it. */
interface Query {
  readonly start: number;
  readonly read: number;
  readonly end: number;
}

/** Queries at some times, and within each state that only they can see. */
const queriesOf = (steps: readonly TimedStep[]) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 0, max: steps.length }), part), { maxLength: 12 }),
      fc.array(part, { minLength: steps.length + 1, maxLength: steps.length + 1 }),
      fc.array(fc.tuple(part, part), { minLength: 32, maxLength: 32 }),
    )
    .map(([anywhere, needed, shares]): readonly Query[] => {
      const within = (i: number, share: number) => {
        const from = steps[i - 1]?.at ?? 99;
        const to = steps[i]?.at ?? from + 1;
        return from + (to - from) * share;
      };
      const untraced = needed.flatMap((share, i) =>
        isSeenByQueriesOnly(steps, i) ? [within(i, share)] : [],
      );
      const reads = [...anywhere.map(([i, share]) => within(i, share)), ...untraced].sort((a, b) => a - b);
      return [...new Set(reads)].map((read, i, all) => {
        const [answered, begun] = shares[i] ?? [0.5, 0.5];
        const [following] = shares[i + 1] ?? [0.5];
        const [last, next] = [all[i - 1] ?? read - 1, all[i + 1] ?? read + 1];
        // The query before has been answered when this one begins.
        const start = last + (read - last) * (answered + (1 - answered) * begun);
        return { start, read, end: read + (next - read) * following };
      });
    });

/** Before step i: a small socket, or one that is not traced yet. And the end of a recording asks once more. */
function isSeenByQueriesOnly(steps: readonly TimedStep[], i: number): boolean {
  const [step, following] = [steps[i - 1], steps[i]];
  if (step === undefined) return false;
  if (following === undefined) return true;
  if (step.table !== undefined && step.trace === undefined) return true;
  return step.trace?.[1] === null && step.table?.[1] !== null;
}

const sides = {
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 80 },
} as const;

/** What polling tells of it, in the way of src/peer/capture/pairs.ts. */
function askedOf(steps: readonly TimedStep[], queries: readonly Query[]): Transition[] {
  const first = steps.find(({ table }) => table !== undefined)?.table?.[0] ?? null;
  let state: State | null = null;
  let lastStart: number | null = null;
  return queries.flatMap(({ start, read, end }) => {
    const found = steps.findLast(({ table, at }) => table !== undefined && at <= read)?.table?.[1];
    const to = found === undefined ? first : found;
    const change = { ...sides, notBefore: lastStart, at: end, processed: null, socket: '7', from: state, to };
    const isChange = to !== state;
    state = to;
    lastStart = start;
    return isChange ? [change] : [];
  });
}

function tracedOf(steps: readonly TimedStep[]): Transition[] {
  return steps.flatMap(({ trace, at }) =>
    trace === undefined
      ? []
      : [{ ...sides, notBefore: at, at, processed: null, socket: '', from: trace[0], to: trace[1] }],
  );
}

const story = history.chain((steps) => queriesOf(steps).map((queries) => ({ steps, queries })));

function toldOf({
  steps,
  queries,
}: {
  readonly steps: readonly TimedStep[];
  readonly queries: readonly Query[];
}) {
  const asked = askedOf(steps, queries);
  const merged = mergeTrace(asked, tracedOf(steps)).toSorted((one, other) => one.at - other.at);
  const truth = steps.flatMap(({ table, at }) =>
    table === undefined ? [] : [{ at, from: table[0], to: table[1] }],
  );
  return { asked, merged, truth };
}

test('each change of a side is reported once, in its order, and its time is right, whenever queries were made', () => {
  fc.assert(
    fc.property(story, (told) => {
      const { asked, merged, truth } = toldOf(told);
      fc.pre(asked.length > 0);
      expect(merged.map(({ from, to }) => `${from} ${to}`)).toEqual(
        truth.map(({ from, to }) => `${from} ${to}`),
      );
      for (const [i, { notBefore, at, to }] of merged.entries()) {
        const time = truth[i]?.at ?? Number.NaN;
        expect(at).toBeGreaterThanOrEqual(time);
        // A request that becomes a socket while it is being read is reported as of then.
        if (to !== 'SYN_RECV') expect(notBefore ?? 0).toBeLessThanOrEqual(time);
      }
    }),
    { numRuns: 3000 },
  );
});
