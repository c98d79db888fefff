import type { Command } from 'commander';
import { hang } from '../report/text.ts';
import { loadEntry } from '../scenario/catalogue.ts';
import { claims } from '../scenario/claims.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Invocation } from './commands.ts';
import { findScenario } from './find-scenario.ts';

export function define(command: Command, invocation: Invocation): void {
  command.action(async (word: string) => {
    const { name, topic, scenario } = await loadEntry(findScenario(word));
    process.stdout.write(`${explainScenario(`${topic}/${name}`, scenario).join('\n')}\n`);
    invocation.finish(0);
  });
}

function explainScenario(name: string, scenario: Scenario): string[] {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  const options = Object.entries(parameters).map(([option, { placeholder, description, fallback }]) => {
    const value = placeholder === undefined ? '' : ` <${placeholder}>`;
    const usual = placeholder === undefined ? '' : ` (default: ${fallback})`;
    return hang(`  --${option}${value}  `, `${description}${usual}`);
  });
  return [
    `${name}: ${title}`,
    '',
    ...hang('', claim),
    '',
    ...hang('Source   ', source.join('; ')),
    ...decides.flatMap((id) => hang(`${id}      `, claims[id].claim)),
    ...hang('Needs    ', needs.length === 0 ? 'nothing but Linux' : needs.join(', ')),
    ...(slow === null ? [] : hang('Slow     ', slow)),
    '',
    `See it:  tcpclose demo ${name.split('/')[1]}`,
    ...(options.length === 0 ? [] : ['', 'Options of its own:', ...options.flat()]),
  ];
}
