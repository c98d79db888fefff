import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { askMachine } from '../explain/machine.ts';
import { findWord, words } from '../explain/words.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { nearestTo } from '../nearest.ts';
import type { ExplainDocument } from '../report/documents/explain.ts';
import { explainText } from '../report/explain.ts';
import { createPaint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { claims } from '../scenario/claims.ts';
import { isFile, loadFile } from '../scenario/user-file.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { isNamed } from './find-scenario.ts';

interface ExplainOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

export function define(command: Command, { finish }: Invocation): void {
  command
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (text: string | undefined, { json, color }: ExplainOptions) => {
      const document = text === undefined ? everything() : await explain(text);
      if (json) {
        printDocument(document);
      } else {
        const paint = await createPaint(color ? 'auto' : 'never', process.stdout.isTTY === true);
        process.stdout.write(`${explainText(document, paint).join('\n')}\n`);
      }
      finish(exitStatus.asExpected);
    });
}

function everything(): ExplainDocument {
  return { schemaVersion: 1, type: 'words', words: words.map(({ name, kind }) => ({ name, kind })) };
}

/** @throws UsageError `unknown-word` */
export async function explain(text: string): Promise<ExplainDocument> {
  const entries = catalogue();
  const entry = entries.find((entry) => isNamed(entry, text));
  if (entry !== undefined) return explainScenario(await loadEntry(entry));
  const word = findWord(text);
  if (word !== undefined)
    return {
      schemaVersion: 1,
      type: 'word',
      ...word,
      here: await askMachine(word, thisMachine),
      shownBy: [...word.shownBy],
    };
  if (isFile(text)) return explainScenario({ ...(await loadFile(text)), name: text });
  const nearest = nearestTo(text, [...entries.map(({ name }) => name), ...words.map(({ name }) => name)]);
  const offer = nearest === undefined ? '' : `did you mean "${nearest}"? `;
  throw new UsageError(
    'unknown-word',
    `"${text}" is not explained here: ${offer}"tcpclose explain" lists the words, "tcpclose list" the scenarios`,
  );
}

function explainScenario({ name, topic, scenario }: LoadedScenario): ExplainDocument {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  return {
    schemaVersion: 1,
    type: 'scenario',
    ...{ scenario: name, topic, title, claim, source: [...source], needs: [...needs], slow },
    decides: decides.map((id) => ({ id, claim: claims[id].claim })),
    options: Object.entries(parameters).map(([name, { placeholder = null, description, fallback }]) => ({
      name,
      value: placeholder,
      description,
      default: placeholder === null ? null : String(fallback),
    })),
  };
}
