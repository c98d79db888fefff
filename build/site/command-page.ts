import { existsSync, readFileSync } from 'node:fs';
import type { Option } from 'commander';
import type { CommandEntry } from '../../src/cli/command-entry.ts';
import { defined } from '../../src/cli/defined.ts';
import { statusesOf } from '../../src/cli/help.ts';
import { described } from '../invocation.ts';
import { exampleFile } from '../recorded/kept.ts';
import { code, page, plain, table } from './markdown.ts';

/** A command: how it is called, its options, its exit statuses, and what it printed in a real run. */
export async function commandPage(entry: CommandEntry): Promise<string> {
  const { name, synopsis, summary, examples, document } = entry;
  const { options } = await defined(entry, described);
  return page(
    `# tcpclose ${name}`,
    `${plain(summary.replace(/^./, (first) => first.toUpperCase()))}.`,
    code(`tcpclose ${name} [options] ${synopsis}`.trimEnd(), 'sh'),
    existsSync(`docs/${name}.md`)
      ? `How it works, and how to read what it prints: [the guide to ${name}](../${name}.md).`
      : '',
    '## What it prints',
    'A real run:',
    code(readFileSync(exampleFile(name), 'utf8')),
    '## Examples',
    code(examples.map((rest) => `tcpclose ${name} ${rest}`.trimEnd()).join('\n'), 'sh'),
    '## Options',
    table(['option', 'meaning'], [...options.map(optionRow), ['`-h, --help`', 'print help']]),
    '## Exit status',
    table(
      ['status', 'meaning'],
      statusesOf(entry).map(([status, meaning]) => [status, plain(meaning)]),
    ),
    document === undefined
      ? ''
      : `The document of \`--json\` has a schema in the package: \`tcpclose/schema/${name}.schema.json\`.`,
  );
}

function optionRow({ flags, description, defaultValue, defaultValueDescription }: Option): string[] {
  const isShown = defaultValueDescription !== undefined || ['string', 'number'].includes(typeof defaultValue);
  const fallback = isShown ? ` (default: ${defaultValueDescription ?? JSON.stringify(defaultValue)})` : '';
  return [`\`${flags}\``, plain(`${description}${fallback}`)];
}

export function commandsPage(entries: readonly CommandEntry[]): string {
  return page(
    '# Commands',
    table(
      ['command', 'what it is for'],
      entries.map(({ name, summary }) => [`[tcpclose ${name}](./${name}.md)`, plain(summary)]),
    ),
    'Each takes `--json`, and each has an exit status: 0 as expected, 1 otherwise, 2 if there is no result.',
  );
}
