import type { RunDocument } from '../documents/run.ts';
import { type Began, beganOf } from './began.ts';
import { type Connection, partyName, type Side, span, type Transition } from './words.ts';

/** The whole time that a run covers. */
export function extentOf(times: readonly number[]): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) return [0, 1];
  return [from, to > from ? to : from + 1];
}

/** The times of everything that happened, in milliseconds since the run began. */
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

/** The steps with a number, each until the next one begins. */
export function numberedSteps(
  run: RunDocument,
): (RunDocument['steps'][number] & { readonly untilMs: number })[] {
  const numbered = run.steps.filter(({ number }) => number > 0);
  const [, end] = extentOf(timesOf(run));
  return numbered.map((step, i) => ({ ...step, untilMs: numbered[i + 1]?.atMs ?? end }));
}

/** A state of one end, from one transition to the next. */
export interface Stay {
  readonly state: string;
  /** From then on, the end was certainly in this state. */
  readonly from: number;
  /** null: it lasted at least as long as the run was watched. */
  readonly to: number | null;
  /** The index of the transition that began it, in the connection. */
  readonly index: number;
  readonly begin: Transition;
  readonly began: Began;
  /** null: it lasted at least as long as the run was watched. */
  readonly ended: Began | null;
}

export function staysOf(connection: Connection, side: Side): Stay[] {
  const own = connection.transitions
    .map((begin, index) => ({ begin, index, began: beganOf(connection, begin) }))
    .filter(({ begin }) => begin.side === side);
  return own.flatMap(({ begin, index, began }, i) => {
    const ended = own[i + 1]?.began ?? null;
    const { to: state } = begin;
    if (state === null) return [];
    return [{ state, from: began.notAfter, to: ended?.notAfter ?? null, index, begin, began, ended }];
  });
}

/** `for 74.1 ms`, or what is certain about it. */
export function lastedWords({ began, ended }: Pick<Stay, 'began' | 'ended'>, end: number): string {
  const isKnown = began.notBefore === began.notAfter;
  if (ended === null)
    return `still there at the end, ${isKnown ? '' : 'at least '}${span(end - began.notAfter)} later`;
  if (isKnown && ended.notBefore === ended.notAfter) return `for ${span(ended.notAfter - began.notAfter)}`;
  const least = ended.notBefore === null ? 0 : ended.notBefore - began.notAfter;
  if (least > 0) return `for at least ${span(least)}`;
  return began.notBefore === null
    ? 'for an unknown time'
    : `for at most ${span(ended.notAfter - began.notBefore)}`;
}

interface Life {
  readonly key: string;
  /** The name, with a number if several processes of the run have it. */
  readonly name: string;
  /** The name without the number. */
  readonly group: string;
  readonly pid: number;
  readonly description: string;
  readonly born: number;
  /** null if nothing killed it during the run. */
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
  return parties.map((party, i) => {
    const { key, name, pid, description, atMs } = party;
    const next = parties.slice(i + 1).find((later) => later.name === name)?.atMs ?? Number.POSITIVE_INFINITY;
    const kill = kills.find((kill) => kill.who === name && kill.atMs >= atMs && kill.atMs <= next);
    return {
      ...{ key, name: partyName(parties, party), group: name, pid, description, born: atMs },
      killed: kill === undefined ? null : { at: kill.atMs, by: actionWords(kill) },
    };
  });
}

/** What happens to a process is in the passive, such as `is sent SIGINT`. */
export function actionWords({ verb, detail }: RunDocument['steps'][number]['actions'][number]): string {
  return verb === 'kill' ? `is sent ${detail || 'a signal'}` : `${verb} ${detail}`.trim();
}

const ending = ['kill', 'die'];

/** `EADDRINUSE` of a check that compared a bind with the kernel; null for other checks. */
export function bindResult({ expected, observed }: RunDocument['checks'][number]): string | null {
  if (!/^bind\b/.test(expected) && !/^bind\b/.test(observed)) return null;
  return /\((E[A-Z0-9]+)\)/.exec(observed)?.[1] ?? (/^bind\b/.test(observed) ? observed : 'ok');
}

/** A bind that was tried by a process of its own. The process was never announced, so only a check shows it. */
interface Bind {
  /** The index of its check. */
  readonly index: number;
  readonly check: RunDocument['checks'][number];
  /** `EADDRINUSE`, or another result. */
  readonly result: string;
  readonly failed: boolean;
}

export function bindsOf({ checks }: Pick<RunDocument, 'checks'>): Bind[] {
  return checks.flatMap((check, index) => {
    const result = bindResult(check);
    return result === null ? [] : [{ index, check, result, failed: failsToBind(check) }];
  });
}

export function failsToBind(check: RunDocument['checks'][number]): boolean {
  return /^E[A-Z0-9]+$/.test(bindResult(check) ?? '');
}

/** What a check observed; a bind that was expected to fail is marked as such. */
export function observedWords(check: RunDocument['checks'][number]): string {
  const failed = failsToBind(check) ? `bind failed (${bindResult(check)})` : check.observed;
  return failed === check.observed ? failed : `${failed}, ${check.verdict}`;
}
