/** Whether what was recorded is a run of what there is now. */
import { existsSync, readFileSync } from 'node:fs';
import type { CommandEntry } from '../../src/cli/command-entry.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { type Example, examplesOf } from './examples.ts';
import { documentFile, exampleFile, keptRuns, scenarioFile } from './kept.ts';

/** Why a scenario has to be recorded again; null if it does not. */
export function outdated({ name, scenario }: LoadedScenario): string | null {
  const kept = keptRuns()[name];
  if (kept === undefined || !existsSync(scenarioFile(name, 'txt'))) return `${name} was never recorded`;
  if (kept.picture && !existsSync(documentFile(name))) return `${name} has no document for its picture`;
  if (kept.title !== scenario.title) return `${name} has another title now`;
  return kept.claim !== scenario.claim ? `${name} has another claim now` : null;
}

/** The examples that were never recorded, or with other lines. */
export function missingExamples(commands: readonly CommandEntry[]): string[] {
  return examplesOf(commands)
    .filter((example) => !isRecorded(example))
    .map(({ command }) => command);
}

function isRecorded({ command, lines }: Example): boolean {
  if (!existsSync(exampleFile(command))) return false;
  const typed: readonly string[] = readFileSync(exampleFile(command), 'utf8').match(/^\$ .*$/gm) ?? [];
  return lines.every((line) => typed.includes(`$ ${line}`));
}
