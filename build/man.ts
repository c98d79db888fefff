import { mkdirSync, writeFileSync } from 'node:fs';
import type { Option } from 'commander';
import type { CommandEntry } from '../src/cli/command-entry.ts';
import { commands } from '../src/cli/commands.ts';
import { defined } from '../src/cli/defined.ts';
import { statusesOf } from '../src/cli/help.ts';
import { wrap } from '../src/report/text.ts';
import { described as invocation } from './invocation.ts';

/** Writes a page of section 1 in mdoc(7) for the program and for each command, from the same source as --help. */
export async function writeManPages(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const shown = commands.filter(({ hidden }) => !hidden);
  writeFileSync(`${folder}/tcpclose.1`, programPage(shown));
  for (const entry of shown) writeFileSync(`${folder}/tcpclose-${entry.name}.1`, await commandPage(entry));
}

function programPage(entries: readonly CommandEntry[]): string {
  return page('tcpclose', 'a laboratory for the end of TCP connections', [
    '.Sh SYNOPSIS',
    '.Nm',
    '.Ar command',
    '.Op Ar options',
    '.Sh DESCRIPTION',
    'Reports only what it has just observed on your kernel.',
    'The commands are:',
    '.Bl -tag -width Ds',
    ...entries.flatMap(({ name, summary }) => [`.It Xr tcpclose-${name} 1`, sentence(summary)]),
    '.El',
    '.Sh SEE ALSO',
    '.Xr tcp 7 ,',
    '.Xr ss 8',
  ]);
}

async function commandPage(entry: CommandEntry): Promise<string> {
  const { options } = await defined(entry, invocation);
  return page(`tcpclose-${entry.name}`, entry.summary, [
    '.Sh SYNOPSIS',
    `.Nm tcpclose ${entry.name}`,
    '.Op Ar options',
    ...(entry.synopsis === '' ? [] : [text(entry.synopsis)]),
    '.Sh DESCRIPTION',
    ...list([...options.map(described), [['.It Fl h , Fl -help'], 'print help']]),
    '.Sh EXIT STATUS',
    ...list(statusesOf(entry).map(([status, meaning]) => [[`.It ${text(status)}`], meaning])),
    '.Sh EXAMPLES',
    ...entry.examples.map((rest) => `.Dl ${text(`tcpclose ${entry.name} ${rest}`.trimEnd())}`),
    '.Sh SEE ALSO',
    '.Xr tcpclose 1',
  ]);
}

function page(name: string, summary: string, sections: readonly string[]): string {
  const date = new Date().toLocaleDateString('en-US', { dateStyle: 'long' });
  const head = [`.Dd ${date}`, `.Dt ${name.toUpperCase()} 1`, '.Os', '.Sh NAME', `.Nm ${name}`];
  return `${[...head, `.Nd ${text(summary)}`, ...sections].join('\n')}\n`;
}

type Item = readonly [heads: readonly string[], meaning: string];

function list(items: readonly Item[]): string[] {
  return ['.Bl -tag -width Ds', ...items.flatMap(([heads, meaning]) => [...heads, sentence(meaning)]), '.El'];
}

/** `-s, --long <value>` as mdoc has it. A default that help shows is shown here. */
function described({ flags, description, defaultValue, defaultValueDescription }: Option): Item {
  const parts = flags
    .split(/[ ,]+/)
    .map((part) => (part.startsWith('-') ? `Fl ${text(part.slice(1))}` : `Ar ${text(part)}`));
  const isShown = defaultValueDescription !== undefined || ['string', 'number'].includes(typeof defaultValue);
  const fallback = isShown ? ` (default: ${defaultValueDescription ?? JSON.stringify(defaultValue)})` : '';
  return [[`.It ${parts.join(' ')}`], `${description}${fallback}`];
}

// Lines are filled by the reader; mandoc's lint wants them short.
function sentence(words: string): string {
  const whole = `${text(words)}.`.replace(/^(\S)/, (first) => first.toUpperCase());
  return wrap(whole, 78).flatMap(withFunctions).join('\n');
}

/** Lines of mdoc in which the functions of a line of text, `bind()`, are marked up. */
function withFunctions(line: string): string[] {
  const parts = line.split(/(\b\w+\(\)[.,;:]?)/).map((part) => part.trim());
  return parts.flatMap((part, i) => {
    if (part === '') return [];
    const [, name, mark] = /^(\w+)\(\)(.?)$/.exec(i % 2 === 1 ? part : '') ?? [];
    return [name === undefined ? part.replace(/^(?=[.'])/, '\\&') : `.Fn ${name} ${mark}`.trimEnd()];
  });
}

/** Text that no macro is read in. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replace(/^\./, '\\&.');
}
