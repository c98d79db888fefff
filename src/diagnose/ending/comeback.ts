/** A loop of a shell, or a watcher that is not known as one, reveals itself only when it starts a holder again. */
import type { Place } from '../../observe/place.ts';
import { sessionOf } from '../../observe/proc/status.ts';
import { childrenOf, commandLineOf, readProcess } from '../../observe/processes.ts';
import { poll } from '../../time.ts';
import { canBind, probe } from '../bind-probe.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { onceOnly, shells } from '../origin.ts';
import type { ProcessFacts, ProcessName } from '../process-facts.ts';
import { type EndingPlan, type Own, watcherAbove } from './plan.ts';

/** How long to wait for a new start: a loop pauses for a moment, and an interpreter needs time to start. */
const comebackMs = 3000;
const lookEveryMs = 50;

type Parent = ProcessFacts['parents'][number];

/** What followed when the port had become free. */
export interface Afterwards {
  readonly isTakenAgain: boolean;
  readonly lookedMs: number;
  /** The processes that had started a holder, and still run. */
  readonly starters: readonly ProcessName[];
}

interface LookingAfterwards {
  readonly withinMs: number;
  /** The processes that were ended by a signal; a manager does not start again what it has stopped. */
  readonly signalled: readonly Pick<ProcessName, 'pid'>[];
  readonly signal: AbortSignal;
}

/** Looks as long as a parent lives that may start the holder again: for a few seconds, and longer for a loop that sleeps, up to `withinMs`. */
export async function lookAfterwards(
  place: Place,
  before: Diagnosis,
  own: Own,
  { withinMs, signalled, signal }: LookingAfterwards,
): Promise<Afterwards> {
  const { port, host } = before;
  const suspects = holdersOf(before)
    .filter(({ pid }) => signalled.some((one) => one.pid === pid))
    .flatMap((holder) => suspectsAbove(holder, own).slice(0, 1));
  const living = () => suspects.filter(({ pid }) => readProcess(pid)?.state === 'alive');
  const startedAt = performance.now();
  let lastPauseAt = startedAt;
  const look = async () => {
    if (!canBind((await probe(place, port, host, signal)).bind)) return 'taken';
    const now = performance.now();
    const left = living();
    if (left.some(isPausing)) lastPauseAt = now;
    return left.length === 0 || now - lastPauseAt >= comebackMs ? 'over' : undefined;
  };
  const options = { withinMs: comebackMs + withinMs, everyMs: lookEveryMs, signal };
  const seen = await poll(`the return of what had port ${port}`, look, options);
  const starters = [...new Map(living().map(({ pid, command }) => [pid, { pid, command }])).values()];
  return { isTakenAgain: seen === 'taken', lookedMs: Math.round(performance.now() - startedAt), starters };
}

/** Whether a script waits before it continues; often it is a loop before its next start. */
function isPausing({ pid }: Parent): boolean {
  return childrenOf(pid).some((child) => /^(?:\S*\/)?sleep\s/.test(commandLineOf(child.pid)));
}

/** The plan for processes that have come back, including what started both them and their predecessors; null if nothing did. */
export function withRestarters(
  plan: EndingPlan,
  { before, after }: { readonly before: Diagnosis; readonly after: Diagnosis },
  own: Own,
): EndingPlan | null {
  const restarters = new Map(
    plan.victims.flatMap((victim) => {
      const holder = holdersOf(after).find(({ pid }) => pid === victim.pid);
      const restarter = holder === undefined ? undefined : restarterOf(holder, holdersOf(before), own);
      return restarter === undefined ? [] : [[restarter.pid, watcherAbove(restarter, victim)] as const];
    }),
  );
  if (restarters.size === 0) return null;
  const others = plan.victims.filter(({ pid }) => !restarters.has(pid));
  return { ...plan, victims: [...restarters.values(), ...others] };
}

function holdersOf({ holders }: Diagnosis): ProcessFacts[] {
  return holders.filter(({ meets }) => meets).flatMap(({ processes }) => processes);
}

/**
 * The nearest process that had started one of the earlier holders, which ran the same command. In another session, it may only be the
 * adoptive parent of a detached process, as the first process of a container or of a user is.
 */
function restarterOf(
  { pid, command, parents }: ProcessFacts,
  earlier: readonly ProcessFacts[],
  own: Own,
): Parent | undefined {
  const same = earlier.filter((holder) => holder.pid !== pid && holder.command === command);
  const above = new Set(same.flatMap((holder) => suspectsAbove(holder, own).map(({ pid }) => pid)));
  return parents.find((parent) => above.has(parent.pid) && sessionOf(parent.pid) === sessionOf(pid));
}

/** Its ancestors, up to a session, an interactive shell, or an ancestor of this command. */
function suspectsAbove({ parents }: ProcessFacts, own: Own): readonly Parent[] {
  const end = parents.findIndex(
    ({ pid, command }) =>
      pid === 1 ||
      own.parents.some((above) => above.pid === pid) ||
      onceOnly.test(command) ||
      isPrompt(command),
  );
  return end === -1 ? parents : parents.slice(0, end);
}

/** Whether a shell has no script, and so is interactive. */
function isPrompt(command: string): boolean {
  return shells.test(command) && !/\s\S/.test(command.replaceAll(/\s-[il]+(?=\s|$)/g, ''));
}
