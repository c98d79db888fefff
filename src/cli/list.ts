import type { Command } from 'commander';
import type { ListDocument } from '../report/documents/list.ts';
import { printDocument } from '../report/print-document.ts';
import { hang } from '../report/text.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import type { Invocation } from './commands.ts';

export function define(command: Command, invocation: Invocation): void {
  command.option('--json', 'print one JSON document').action(async (options: { json?: boolean }) => {
    const scenarios = await Promise.all(catalogue().map(loadEntry));
    if (options.json) {
      const entries = scenarios.map(({ name, topic, scenario }) => {
        const { title, claim, source, decides, needs, slow } = scenario;
        return {
          scenario: name,
          topic,
          title,
          claim,
          source: [...source],
          decides: [...decides],
          needs: [...needs],
          slow,
        };
      });
      printDocument<ListDocument>({ schemaVersion: 1, scenarios: entries });
    } else {
      process.stdout.write(scenarios.map(describe).join(''));
    }
    invocation.finish(0);
  });
}

type Listed = Awaited<ReturnType<typeof loadEntry>>;

function describe({ name, topic, scenario }: Listed, i: number, all: readonly Listed[]): string {
  const { claim, needs, slow } = scenario;
  const conditions = [...needs.map((need) => `needs ${need}`), ...(slow === null ? [] : [`slow: ${slow}`])];
  const heading = all[i - 1]?.topic === topic ? [] : [...(i === 0 ? [] : ['']), topic];
  const remarks = conditions.length === 0 ? [] : hang(' '.repeat(6), `(${conditions.join(', ')})`);
  return [...heading, `  ${name}`, ...hang(' '.repeat(6), claim), ...remarks]
    .map((line) => `${line}\n`)
    .join('');
}
