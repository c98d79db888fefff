import { type Diagnosis, diagnose, type Question } from '../diagnose/diagnosis.ts';
import { type Ended, Ending } from '../diagnose/ending/ending.ts';
import { type Own, planEnding } from '../diagnose/ending/plan.ts';
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
  { consent, withinMs, waits }: Killing,
): Promise<Ended | null> {
  const { place, signal } = question;
  const own = await ownFacts(place);
  const plan = planEnding(diagnosis, own);
  const { refused } = plan;
  if (plan.victims.length + plan.managers.length === 0)
    return { processes: [], commands: [], refused, boundAfterMs: null };
  const ending = new Ending(plan);
  try {
    if (consent !== true) {
      if (!(await consent(planDocument(plan)))) return null;
      // The answer may have taken an hour; a holder may have released the port since.
      ending.keepOnly(planEnding(await diagnose(question), own));
    }
    signal.throwIfAborted();
    waits();
    return await ending.run(place, diagnosis, { withinMs, signal });
  } finally {
    ending.close();
  }
}

async function ownFacts(place: Place): Promise<Own> {
  const { pid } = process;
  return factsOf(pid, harmless('tcpclose'), await readProcessTable(place, [pid]));
}
