/** Whether what was recorded is a run of what there is now. */
import { existsSync } from 'node:fs';
import type { CommandEntry } from '../../src/cli/command-entry.ts';
import { stops } from '../../src/report/tour/stops.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { documentFile, exampleFile, keptRuns, scenarioFile } from './kept.ts';

/** Why a scenario has to be recorded anew; null if it need not. */
export function outdated({ name, scenario }: LoadedScenario): string | null {
  const kept = keptRuns()[name];
  if (kept === undefined || !existsSync(scenarioFile(name, 'txt'))) return `${name} was never recorded`;
  if (kept.picture && !existsSync(scenarioFile(name, 'svg'))) return `${name} has no picture`;
  if (kept.title !== scenario.title) return `${name} has another title now`;
  if (kept.claim !== scenario.claim) return `${name} has another claim now`;
  const isOnTour = stops.some((stop) => stop.scenario === name);
  return isOnTour && !existsSync(documentFile(name)) ? `${name} has no document for the tour` : null;
}

export function missingExamples(commands: readonly CommandEntry[]): string[] {
  return commands
    .filter(({ name, hidden }) => !hidden && !existsSync(exampleFile(name)))
    .map(({ name }) => name);
}
