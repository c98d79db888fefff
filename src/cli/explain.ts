import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { askMachine } from '../explain/machine.ts';
import { findWord, type Word, words } from '../explain/words.ts';
import { hang } from '../report/text.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import { claims } from '../scenario/claims.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Invocation } from './commands.ts';
import { isNamed, nearestTo } from './find-scenario.ts';

export function define(command: Command, { finish }: Invocation): void {
  command.action(async (text: string) => {
    const lines = await explain(text);
    process.stdout.write(`${lines.join('\n')}\n`);
    finish(0);
  });
}

async function explain(text: string): Promise<string[]> {
  const entries = catalogue();
  const entry = entries.find((entry) => isNamed(entry, text));
  if (entry !== undefined) {
    const { name, topic, scenario } = await loadEntry(entry);
    return explainScenario(topic, name, scenario);
  }
  const word = findWord(text);
  if (word !== undefined) return explainWord(word);
  const nearest = nearestTo(text, [...entries.map(({ name }) => name), ...words.map(({ name }) => name)]);
  const offer = nearest === undefined ? '' : `did you mean "${nearest}"? `;
  throw new UsageError(
    'unknown-word',
    `"${text}" is not explained here: ${offer}give a scenario ("tcpclose list"), a state, an errno, a socket option or a setting`,
  );
}

function explainWord(word: Word): string[] {
  const { name, kind, text, source, shownBy } = word;
  return [
    `${name}: ${kind}`,
    '',
    ...hang('', text),
    '',
    ...hang('Here     ', askMachine(word)),
    ...hang('Source   ', source),
    ...shownBy.map((scenario, i) => `${i === 0 ? 'See it   ' : '         '}tcpclose demo ${scenario}`),
  ];
}

function explainScenario(topic: string, name: string, scenario: Scenario): string[] {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  const options = Object.entries(parameters).flatMap(([option, { placeholder, description, fallback }]) => {
    const value = placeholder === undefined ? '' : ` <${placeholder}>`;
    const usual = placeholder === undefined ? '' : ` (default: ${fallback})`;
    return hang(`  --${option}${value}  `, `${description}${usual}`);
  });
  return [
    `${topic}/${name}: ${title}`,
    '',
    ...hang('', claim),
    '',
    ...hang('Source   ', source.join('; ')),
    ...decides.flatMap((id) => hang(`${id}      `, claims[id].claim)),
    ...hang('Needs    ', needs.length === 0 ? 'nothing but Linux' : needs.join(', ')),
    ...(slow === null ? [] : hang('Slow     ', slow)),
    `See it   tcpclose demo ${name}`,
    ...(options.length === 0 ? [] : ['', 'Options of its own:', ...options]),
  ];
}
