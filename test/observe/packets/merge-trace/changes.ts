import { mergeTrace } from '../../../../src/observe/packets/merge-trace.ts';
import type { Transition } from '../../../../src/observe/packets/transitions.ts';
import type { State } from '../../../../src/state.ts';

export const local = { address: '127.0.0.1', port: 40_000 };
export const remote = { address: '127.0.0.1', port: 80 };

/** What polling saw: between these two times, the socket of this number changed. */
export function asked(
  from: State | null,
  to: State | null,
  between: readonly [number | null, number],
  rest: Partial<Transition> = {},
) {
  const [notBefore, at] = between;
  return { notBefore, at, processed: null, local, remote, socket: '7', from, to, ...rest };
}

/** What a tracepoint reported: its time is exact, its socket has no number. */
export function traced(from: State | null, to: State | null, at: number, rest: Partial<Transition> = {}) {
  return { notBefore: at, at, processed: null, local, remote, socket: '', from, to, ...rest };
}

const told = (merged: readonly Transition[]) =>
  merged.toSorted((one, other) => one.at - other.at).map(({ from, to, at }) => `${at} ${from} ${to}`);
export const merge = (polled: readonly Transition[], trace: readonly Transition[]) =>
  told(mergeTrace(polled, trace));
