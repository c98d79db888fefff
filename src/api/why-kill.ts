import { type Diagnosis, diagnose, type Question } from '../diagnose/diagnosis.ts';
import { lookAfterwards, withRestarters } from '../diagnose/ending/comeback.ts';
import { type Ended, Ending } from '../diagnose/ending/ending.ts';
import { type EndingPlan, type Own, planEnding } from '../diagnose/ending/plan.ts';
import { factsOf } from '../diagnose/process-facts.ts';
import { readProcessTable } from '../diagnose/process-files.ts';
import { harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import { type EndingPlanDocument, planDocument } from '../report/documents/why-ended.ts';

/** Whether the processes of a plan may be ended: `true`, or a function that gets the plan and decides. */
export type Consent = true | ((plan: EndingPlanDocument) => boolean | Promise<boolean>);

interface Killing {
  readonly consent: Consent;
  readonly withinMs: number;
  /** Called once they have been asked to end. */
  readonly waits: () => void;
}

/** The default time for a process to end: as long as docker stop waits. */
export const usualPatienceMs = 10_000;

/** Asks the processes that hold a port to end, and waits until it can be bound. Returns null if that was refused. */
export async function endHolders(
  question: Question,
  diagnosis: Diagnosis,
  killing: Killing,
): Promise<Ended | null> {
  const { place, signal } = question;
  const own = await ownFacts(place);
  const plan = planEnding(diagnosis, own);
  const { refused } = plan;
  if (plan.victims.length + plan.managers.length === 0)
    return { processes: [], commands: [], refused, boundAfterMs: null, afterwards: null };
  const ended = await endAll(question, { plan, diagnosis, planFor: (now) => planEnding(now, own) }, killing);
  // If the port was never free in between, the holder has passed its listener on, and no program has started it again.
  if (ended === null || ended.boundAfterMs === null) return ended;
  const looking = { withinMs: killing.withinMs, signalled: ended.processes, signal };
  const afterwards = await lookAfterwards(place, diagnosis, own, looking);
  if (!afterwards.isTakenAgain) return { ...ended, afterwards };
  const after = await diagnose(question);
  const planFor = (now: Diagnosis) =>
    withRestarters(planEnding(now, own), { before: diagnosis, after: now }, own);
  const next = planFor(after);
  const more = next && (await endAll(question, { plan: next, diagnosis: after, planFor }, killing));
  return more === null ? ended : both(ended, more);
}

function both(first: Ended, second: Ended): Ended {
  return {
    ...second,
    processes: [...first.processes, ...second.processes],
    commands: [...first.commands, ...second.commands],
  };
}

interface Shown {
  readonly plan: EndingPlan;
  readonly diagnosis: Diagnosis;
  /** The same plan at a later time; null if it does not apply any more. */
  readonly planFor: (now: Diagnosis) => EndingPlan | null;
}

async function endAll(
  question: Question,
  { plan, diagnosis, planFor }: Shown,
  { consent, withinMs, waits }: Killing,
): Promise<Ended | null> {
  const { place, signal } = question;
  const ending = new Ending(plan);
  try {
    if (consent !== true) {
      if (!(await consent(planDocument(plan)))) return null;
      // The answer may have taken an hour; a holder may have released the port since.
      ending.keepOnly(planFor(await diagnose(question)) ?? noEnding);
    }
    signal.throwIfAborted();
    waits();
    return await ending.run(place, diagnosis, { withinMs, signal });
  } finally {
    ending.close();
  }
}

const noEnding: EndingPlan = { victims: [], managers: [], refused: [] };

async function ownFacts(place: Place): Promise<Own> {
  const { pid } = process;
  return factsOf(pid, harmless('tcpclose'), await readProcessTable(place, [pid]));
}
