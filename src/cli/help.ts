import { hang } from '../report/text.ts';
import type { CommandEntry } from './command-entry.ts';
import { commands } from './commands.ts';

/**
 * The arguments in the one spelling that the parser knows: `help` and `help demo` stand for --help, `version` and `-V` for
 * --version.
 */
export function spelledOut(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === 'version' || first === '-V') return ['--version', ...rest];
  if (first !== 'help') return args;
  const [name] = rest;
  // A name that is not a command remains an error.
  const isKnown = name === undefined || commands.some((command) => command.name === name);
  return isKnown ? [...rest, '--help'] : rest;
}

type Status = readonly [status: string, meaning: string];

const always: readonly Status[] = [
  ['2', 'could not run: bad usage, a missing requirement, or all scenarios were skipped'],
  ['129, 130, 143', 'interrupted by SIGHUP, SIGINT or SIGTERM'],
];

const ofProgram: readonly Status[] = [
  ['0', 'as expected; the server survives; no race; the port is free'],
  ['1', 'contradicted; the server does not survive; a race is possible; the port is held'],
  ...always,
];

/** What the exit status of a command can be, and means. */
export function statusesOf({
  statuses,
  otherStatuses = always,
}: Pick<CommandEntry, 'statuses' | 'otherStatuses'>): readonly Status[] {
  return [...statuses.map((meaning = '', status): Status => [String(status), meaning]), ...otherStatuses];
}

function statusLines(statuses: readonly Status[]): string[] {
  const width = Math.max(...statuses.map(([status]) => status.length)) + 2;
  return [
    '',
    'Exit status:',
    ...statuses.flatMap(([status, meaning]) => hang(`  ${status.padEnd(width)}`, meaning)),
  ];
}

/** What follows the options of the program's help. */
export function programFooter(): string {
  return [
    ...statusLines(ofProgram),
    '',
    ...hang('', '"tcpclose help <command>" shows the options of a command, its exit status, and examples.'),
  ].join('\n');
}

/** What follows the options of a command's help. */
export function commandFooter(entry: CommandEntry): string {
  const examples = entry.examples.map((rest) => `  tcpclose ${entry.name} ${rest}`.trimEnd());
  return [...statusLines(statusesOf(entry)), '', 'Examples:', ...examples].join('\n');
}
