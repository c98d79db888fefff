import type { Command } from 'commander';
import { listDocumentOf } from '../report/documents/list.ts';
import { createPaint, type Paint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import { hang } from '../report/text.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption } from './common-options.ts';

interface ListOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (options: ListOptions) => {
      const scenarios = await Promise.all(catalogue().map(loadEntry));
      if (options.json) {
        printDocument(listDocumentOf(scenarios));
      } else {
        const paint = await createPaint(options.color ? 'auto' : 'never', process.stdout.isTTY === true);
        const lines = scenarios.flatMap((scenario, i) => describe(scenario, scenarios[i - 1], paint));
        process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      }
      invocation.finish(0);
    });
}

type Listed = Awaited<ReturnType<typeof loadEntry>>;

function describe({ name, topic, scenario }: Listed, before: Listed | undefined, paint: Paint): string[] {
  const { claim, needs, slow } = scenario;
  const conditions = [...needs.map((need) => `needs ${need}`), ...(slow === null ? [] : [`slow: ${slow}`])];
  const gap = before === undefined ? [] : [''];
  const heading = before?.topic === topic ? [] : [...gap, paint.title(topic)];
  const remarks = conditions.length === 0 ? [] : hang(' '.repeat(6), `(${conditions.join(', ')})`);
  return [...heading, `  ${name}`, ...hang(' '.repeat(6), claim), ...remarks.map(paint.faint)];
}
