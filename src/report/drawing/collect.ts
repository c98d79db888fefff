import type { RunDocument } from '../documents/run.ts';
import type { Connection, Side, Transition } from './words.ts';

/** The whole time that a run shows. */
export function extentOf(times: readonly number[]): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) return [0, 1];
  return [from, to > from ? to : from + 1];
}

/** When anything happened, in milliseconds since the run began. */
export function timesOf({ steps, checks, recording }: RunDocument): number[] {
  return [
    ...steps.flatMap(({ number, atMs, parties, actions }) => [
      ...(number === 0 ? [] : [atMs]),
      ...parties.map((party) => party.atMs),
      ...actions.map((action) => action.atMs),
    ]),
    ...checks.map(({ atMs }) => atMs),
    ...(recording?.connections ?? []).flatMap(({ segments, transitions }) => [
      ...segments.map(({ atMs }) => atMs),
      ...transitions.map(({ atMs }) => atMs),
    ]),
  ];
}

/** A state of one end, from one transition to the next. */
export interface Stay {
  readonly state: string;
  readonly from: number;
  /** null: it lasted at least as long as the run was watched. */
  readonly to: number | null;
  /** The transition that began it, in the connection. */
  readonly index: number;
  readonly begin: Transition;
}

export function staysOf({ transitions }: Connection, side: Side): Stay[] {
  const own = transitions
    .map((begin, index) => ({ begin, index }))
    .filter(({ begin }) => begin.side === side);
  return own.flatMap(({ begin, index }, i) =>
    begin.to === null
      ? []
      : [{ state: begin.to, from: begin.atMs, to: own[i + 1]?.begin.atMs ?? null, index, begin }],
  );
}

export interface Life {
  readonly key: string;
  readonly name: string;
  readonly pid: number;
  readonly description: string;
  readonly born: number;
  /** null: nobody killed it in the run. */
  readonly killed: { readonly at: number; readonly by: string } | null;
}

/** The processes of a run, from when they were announced until they were killed. */
export function livesOf({ steps }: RunDocument): Life[] {
  const kills = steps.flatMap(({ actions }) =>
    actions.filter(({ verb, made }) => made === 'really' && ending.includes(verb)),
  );
  const parties = steps.flatMap((step, s) =>
    step.parties.map((party, p) => ({ key: `party:${s}:${p}`, ...party })),
  );
  return parties.map(({ key, name, pid, description, atMs }, i) => {
    const next = parties.slice(i + 1).find((later) => later.name === name)?.atMs ?? Number.POSITIVE_INFINITY;
    const kill = kills.find((kill) => kill.who === name && kill.atMs >= atMs && kill.atMs <= next);
    return {
      ...{ key, name, pid, description, born: atMs },
      killed: kill === undefined ? null : { at: kill.atMs, by: `${kill.verb} ${kill.detail}`.trim() },
    };
  });
}

const ending = ['kill', 'die'];

/** `EADDRINUSE` of a check that held a bind against the kernel; null of another. */
export function bindResult({ expected, observed }: RunDocument['checks'][number]): string | null {
  if (!/^bind\b/.test(expected) && !/^bind\b/.test(observed)) return null;
  return /\((E[A-Z0-9]+)\)/.exec(observed)?.[1] ?? (/^bind\b/.test(observed) ? observed : 'ok');
}
