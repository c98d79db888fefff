import type { Check } from '../../src/events.ts';
import type { Withheld } from '../../src/lab/ends/stimulus.ts';
import { NothingObserved } from '../../src/lab/recording/too-slow.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import type { RunOptions } from '../../src/scenario/run.ts';
import { type Run, run } from '../support/runs.ts';

/** What came of a check when its stimulus was withheld: one that bears on a claim, or a witness that such a one names. */
export interface Controlled {
  readonly scenario: string;
  /** Its title, and which of that title it is, if there are several: `segments`, `segments (2)`. */
  readonly check: string;
  /** None for a witness. */
  readonly claims: readonly string[];
  /** null: none is named, and `why` says why not. */
  readonly without: string | null;
  /** `shown`: it came out otherwise. `no witness`: none to withhold, and no check that it names was shown. */
  readonly result:
    | 'shown'
    | 'the same'
    | 'not reached'
    | 'not withheld'
    | 'none to withhold'
    | 'no witness'
    | 'not as expected';
  /** What was observed instead, or why nothing was. */
  readonly why: string;
}

/**
 * Runs a scenario as it is, and then without each stimulus that one of its checks names, going on behind contradictions.
 * @returns null, with a reason, if it does not run here
 */
export async function controlled(
  loaded: LoadedScenario,
  options: Partial<RunOptions>,
): Promise<readonly Controlled[] | string> {
  const usual = await run(loaded, options);
  if (usual.outcome.state === 'skipped') return usual.outcome.reason;
  if (usual.outcome.state !== 'passed') return `it does not pass: ${describe(usual)}`;
  const { control } = loaded.scenario;
  const witnesses = new Set(usual.checks.flatMap((check) => witnessesOf(check.uncontrolled ?? '')));
  const bearing = keyed(usual.checks).filter(
    ({ key, check }) => check.bearings.length > 0 || witnesses.has(titleOf(key)),
  );
  const named = bearing.flatMap(({ check }) => (check.uncontrolled ? [] : [check.without ?? control]));
  const runs = new Map<string, Run>();
  for (const without of new Set(named)) {
    const withheld = without as Withheld;
    runs.set(without, await run(loaded, { ...options, withheld, patienceMs: 2500 }));
  }
  const results = bearing.map(({ key, check }): Controlled => {
    const without = check.uncontrolled ? null : (check.without ?? control);
    const common = {
      scenario: loaded.name,
      check: key,
      claims: check.bearings.map(({ claim }) => claim),
      without,
    };
    const ran = without === null ? undefined : runs.get(without);
    if (ran === undefined) return { ...common, result: 'none to withhold', why: check.uncontrolled ?? '' };
    return { ...common, ...resultOf(key, ran) };
  });
  // Of several with the title that a reason names, one is enough.
  return results
    .filter(({ claims, result }) => claims.length > 0 || result === 'shown')
    .map((one) =>
      one.result === 'none to withhold' && !hasWitness(one, results) ? { ...one, result: 'no witness' } : one,
    );
}

/** The checks that a reason names: `an absence: that it can be seen is shown by "RSTs"`. */
function witnessesOf(reason: string): string[] {
  return [...reason.matchAll(/"([^"]+)"/g)].map(([, title = '']) => withoutNumbers(title));
}

function hasWitness({ why }: Controlled, results: readonly Controlled[]): boolean {
  const witnesses = witnessesOf(why);
  return results.some(({ check, result }) => result === 'shown' && witnesses.includes(titleOf(check)));
}

function resultOf(key: string, ran: Run): Pick<Controlled, 'result' | 'why'> {
  const leftOut = ran.events.some((event) => event.type === 'action' && event.made === 'left out');
  if (!leftOut) return { result: 'not withheld', why: 'the run has no such stimulus' };
  const found = keyed(ran.checks).find((one) => one.key === key)?.check;
  if (found?.verdict === 'contradicted') return { result: 'shown', why: found.observed };
  if (found !== undefined) return { result: 'the same', why: found.observed };
  const { outcome } = ran;
  const error = outcome.state === 'errored' ? outcome.error : undefined;
  // Nothing to compare is not what was expected, either.
  if (error instanceof NothingObserved && error.message.startsWith(`${titleOf(key)}: `))
    return { result: 'shown', why: 'nothing was observed' };
  return { result: 'not reached', why: describe(ran) };
}

function describe({ outcome, contradicted }: Run): string {
  if (outcome.state === 'errored') return outcome.error.message.split('\n')[0] ?? '';
  const last = contradicted.at(-1);
  return last === undefined ? outcome.state : `${last.title}: ${last.observed}, instead of ${last.expected}`;
}

/** Each check with a name of its own. */
export function keyed<Titled extends Pick<Check, 'title'>>(
  checks: readonly Titled[],
): { readonly key: string; readonly check: Titled }[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const title = withoutNumbers(check.title);
    const number = (seen.get(title) ?? 0) + 1;
    seen.set(title, number);
    return { key: number === 1 ? title : `${title} (${number})`, check };
  });
}

/** Without which of its title it is. */
export function titleOf(key: string): string {
  return key.replace(/ \(\d+\)$/, '');
}

// Ports and pids differ from run to run.
function withoutNumbers(title: string): string {
  return title.replaceAll(/\d{4,}/g, 'n');
}
