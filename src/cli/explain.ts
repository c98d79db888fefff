import type { Command } from 'commander';
import { isNamed } from '../api/find-scenarios.ts';
import { UsageError } from '../errors.ts';
import { askMachine } from '../explain/machine.ts';
import { findWord, words } from '../explain/words.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { nearestTo } from '../nearest.ts';
import {
  type ExplainDocument,
  scenarioDocument,
  wordDocument,
  wordsDocument,
} from '../report/documents/explain.ts';
import { explainText } from '../report/explain.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import { type ClaimId, claims } from '../scenario/claims.ts';
import { isFile, loadFile } from '../scenario/user-file.ts';
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
  if (isFile(text)) return scenarioDocument({ ...(await loadFile(text)), name: text }, textOf);
  const nearest = nearestTo(text, [...entries.map(({ name }) => name), ...words.map(({ name }) => name)]);
  const offer = nearest === undefined ? '' : `did you mean "${nearest}"? `;
  throw new UsageError(
    'unknown-word',
    `"${text}" is not a known word: ${offer}"tcpclose explain" lists the words, "tcpclose list" the scenarios`,
  );
}

function textOf(id: ClaimId): string {
  return claims[id].claim;
}
