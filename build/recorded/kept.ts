/** Where recorded runs lie, which the documentation shows. */
import { existsSync, readFileSync } from 'node:fs';
import type { RunDocument } from '../../src/report/documents/run.ts';

const folder = 'docs/recorded';

export const scenarioFile = (name: string, ending: 'txt' | 'svg') => `${folder}/scenarios/${name}.${ending}`;
export const documentFile = (name: string) => `${folder}/documents/${name}.json`;
export const exampleFile = (command: string) => `${folder}/commands/${command}.txt`;
const listFile = `${folder}/scenarios.json`;

/** What a recorded run was a run of: if that has changed, it has to be recorded again. */
export interface KeptRun {
  readonly title: string;
  readonly claim: string;
  readonly steps: readonly string[];
  /** Whether its segments were recorded, and so its document is kept, from which pictures are drawn. */
  readonly picture: boolean;
  /** A day, such as 2026-11-22. */
  readonly on: string;
}

type KeptRuns = Readonly<Record<string, KeptRun>>;

export function keptRuns(): KeptRuns {
  return existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : {};
}

/** By name, a line for each, so that two who record do not meet in one line. */
export function listOf(runs: KeptRuns): { readonly path: string; readonly text: string } {
  const lines = Object.entries(runs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, run]) => `  ${JSON.stringify(name)}: ${JSON.stringify(run)}`);
  return { path: listFile, text: `{\n${lines.join(',\n')}\n}\n` };
}

export function keptText(name: string): string {
  return readFileSync(scenarioFile(name, 'txt'), 'utf8').trimEnd();
}

export function keptDocument(name: string): RunDocument {
  return JSON.parse(readFileSync(documentFile(name), 'utf8'));
}
