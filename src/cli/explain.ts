import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isNamed } from '../api/find-scenarios.ts';
import { UsageError } from '../errors.ts';
import { findWord, wordsNear } from '../explain/find-word.ts';
import { askMachine } from '../explain/machine.ts';
import { words } from '../explain/words.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import {
  type ExplainDocument,
  scenarioDocument,
  wordDocument,
  wordsDocument,
} from '../report/documents/explain.ts';
import { explainText } from '../report/explain.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import { type ClaimId, claims } from '../scenario/claims.ts';
import { isFile, isSource, loadFile } from '../scenario/user-file.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { finish }: Invocation): void {
  addReporterOptions(command).action(async (parts: readonly string[], options: OutputOptions) => {
    const make = async () => (parts.length === 0 ? wordsDocument(words) : explain(parts.join(' ')));
    await printDocument(make, options, explainText, 'explain');
    finish(exitStatus.asExpected);
  });
}

/** @throws UsageError `unknown-word` */
export async function explain(text: string): Promise<ExplainDocument> {
  if (text.trim() === '')
    throw new UsageError(
      'unknown-word',
      'the word is empty: name one of those that "tcpclose explain" lists',
    );
  const entries = catalogue();
  const entry = entries.find((entry) => isNamed(entry, text));
  if (entry !== undefined) return scenarioDocument(await loadEntry(entry), textOf);
  const word = findWord(text);
  if (word !== undefined) {
    const shown = entries.filter(({ name }) => word.shownBy.includes(name));
    return wordDocument(
      word,
      await askMachine(word, thisMachine),
      await Promise.all(shown.map((entry) => loadEntry(entry))),
    );
  }
  if (isFile(text) && (isSource(text) || existsSync(text)))
    return scenarioDocument({ ...(await loadFile(text)), name: text }, textOf);
  const near = wordsNear(
    text,
    entries.map(({ name }) => name),
  );
  const offer = near.length === 0 ? '' : `did you mean ${alternatives(near)}? `;
  throw new UsageError(
    'unknown-word',
    `"${text}" is not a known word: ${offer}"tcpclose explain" lists the words, "tcpclose list" the scenarios`,
  );
}

function alternatives(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
}

function textOf(id: ClaimId): string {
  return claims[id].claim;
}
