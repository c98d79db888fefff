import { createInterface } from 'node:readline/promises';
import { type Diagnosis, diagnose, type Question } from '../diagnose/diagnosis.ts';
import { type Ended, Ending } from '../diagnose/ending/ending.ts';
import { type EndingPlan, type Own, planEnding } from '../diagnose/ending/plan.ts';
import { factsOf } from '../diagnose/process-facts.ts';
import { readProcessTable } from '../diagnose/process-files.ts';
import { UsageError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import { planLines } from '../report/why/plan.ts';

export interface KillOptions {
  /** `ask`: a question on the terminal comes first. */
  readonly consent: 'ask' | 'given';
  readonly withinMs: number;
}

/** How long a polite end may take, by default: as long as docker stop waits. */
export const usualPatienceMs = 10_000;

/**
 * Ends the processes that hold a port. null if the user does not want that.
 * @throws UsageError `no-terminal` when nobody can be asked
 */
export async function endHolders(
  question: Question,
  diagnosis: Diagnosis,
  { consent, withinMs }: KillOptions,
): Promise<Ended | null> {
  const { place, signal } = question;
  const own = await ownFacts(place);
  const plan = planEnding(diagnosis, own);
  const { refused } = plan;
  if (plan.victims.length + plan.managers.length === 0)
    return { processes: [], commands: [], refused, boundAfterMs: null };
  const ending = new Ending(plan);
  try {
    if (consent === 'ask' && !(await isWanted(plan, signal))) {
      process.stderr.write('nothing was ended\n');
      return null;
    }
    // The answer may have taken an hour, in which a holder has let go of the port.
    if (consent === 'ask') ending.keepOnly(planEnding(await diagnose(question), own));
    return await ending.run(place, diagnosis, { withinMs, signal });
  } finally {
    ending.close();
  }
}

async function ownFacts(place: Place): Promise<Own> {
  const { pid } = process;
  return factsOf(pid, harmless('tcpclose'), await readProcessTable(place, [pid]));
}

/** @throws UsageError `no-terminal` */
export function requireConsent(yes: boolean): KillOptions['consent'] {
  if (yes) return 'given';
  if (process.stdin.isTTY === true && process.stderr.isTTY === true) return 'ask';
  throw new UsageError('no-terminal', '--kill asks first, and there is no terminal to ask on: add --yes');
}

async function isWanted(plan: EndingPlan, signal: AbortSignal): Promise<boolean> {
  const { stdin: input, stderr: output } = process;
  output.write(`${planLines(plan).join('\n')}\n`);
  const terminal = createInterface({ input, output });
  try {
    const answer = await terminal.question('End them? [y/N] ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
