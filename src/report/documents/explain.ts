import * as v from 'valibot';
import { wordKinds } from '../../explain/words/kinds.ts';
import type { Word } from '../../explain/words.ts';
import type { LoadedScenario } from '../../scenario/catalogue.ts';
import type { ClaimId } from '../../scenario/claims.ts';
import { listedScenario } from './list.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const describe = v.description;
const shownBy = v.pipe(v.array(v.string()), describe('the scenarios that show it'));
const kind = v.picklist(wordKinds);

const word = v.object({
  schemaVersion,
  type: v.literal('word'),
  name: v.string(),
  kind,
  text: v.string(),
  here: v.pipe(v.string(), describe('what this machine says of it, just looked up')),
  source: v.string(),
  shownBy,
  titles: v.pipe(
    v.optional(v.record(v.string(), v.string())),
    describe('the titles of these scenarios, by their names'),
  ),
});

const scenario = v.object({
  schemaVersion,
  type: v.literal('scenario'),
  ...listedScenario.entries,
  decides: v.array(v.object({ id: v.string(), claim: v.string() })),
  options: v.array(
    v.object({
      name: v.string(),
      value: v.pipe(v.nullable(v.string()), describe('what help calls its value; null for a flag')),
      description: v.string(),
      default: v.pipe(v.nullable(v.string()), describe('null for a flag')),
    }),
  ),
});

const everything = v.object({
  schemaVersion,
  type: v.literal('words'),
  words: v.array(v.object({ name: v.string(), kind })),
});

/** What `tcpclose explain --json` prints. */
export const explainDocument = v.variant('type', [word, scenario, everything]);

export type ExplainDocument = DocumentOf<typeof explainDocument>;

/**
 * @param here what this machine shows about it
 * @param scenarios those that show it
 */
export function wordDocument(
  word: Word,
  here: string,
  scenarios: readonly Pick<LoadedScenario, 'name' | 'scenario'>[],
): ExplainDocument {
  const titles = Object.fromEntries(scenarios.map(({ name, scenario }) => [name, scenario.title]));
  return { schemaVersion: 1, type: 'word', ...word, here, titles };
}

export function wordsDocument(words: readonly Word[]): ExplainDocument {
  return { schemaVersion: 1, type: 'words', words: words.map(({ name, kind }) => ({ name, kind })) };
}

/** @param textOf a claim, by its id */
export function scenarioDocument(
  { name, topic, scenario }: LoadedScenario,
  textOf: (id: ClaimId) => string,
): ExplainDocument {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  return {
    schemaVersion: 1,
    type: 'scenario',
    ...{ scenario: name, topic, title, claim, source, needs, slow },
    decides: decides.map((id) => ({ id, claim: textOf(id) })),
    options: Object.entries(parameters).map(([name, { placeholder = null, description, fallback }]) => ({
      name,
      value: placeholder,
      description,
      default: placeholder === null ? null : String(fallback),
    })),
  };
}
