import { hang } from '../report/text.ts';
import type { CommandEntry } from './command-entry.ts';
import { commands } from './commands.ts';

/** The arguments in the one spelling that the parser knows: `help` and `help demo` become --help, `version` and `-V` become --version. */
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

const interrupted: Status = ['129, 130, 143', 'interrupted by SIGHUP, SIGINT or SIGTERM'];

const ofAll = ['bad usage', 'a missing requirement'];
const always: readonly Status[] = [['2', couldNotRun(ofAll)], interrupted];

const ofProgram: readonly Status[] = [
  ['0', 'as expected; the server survives; no race; the port is free'],
  ['1', 'contradicted; the server does not survive; a race is possible; the port is held'],
  ['2', couldNotRun([...ofAll, 'all scenarios were skipped', 'no result'])],
  interrupted,
];

/** The possible exit statuses of a command, and their meanings. */
export function statusesOf({
  statuses,
  noResult,
  otherStatuses = noResult === undefined ? always : [['2', couldNotRun([...ofAll, noResult])], interrupted],
}: Pick<CommandEntry, 'statuses' | 'noResult' | 'otherStatuses'>): readonly Status[] {
  return [...statuses.map((meaning = '', status): Status => [String(status), meaning]), ...otherStatuses];
}

function couldNotRun(reasons: readonly string[]): string {
  return `could not run: ${reasons.slice(0, -1).join(', ')} or ${reasons.at(-1)}`;
}

function statusLines(statuses: readonly Status[]): string[] {
  const width = Math.max(...statuses.map(([status]) => status.length)) + 2;
  return [
    '',
    'Exit status:',
    ...statuses.flatMap(([status, meaning]) => hang(`  ${status.padEnd(width)}`, meaning)),
  ];
}

/** The text after the options in the help of tcpclose. */
export function programFooter(): string {
  return [
    ...statusLines(ofProgram),
    '',
    ...hang('', '"tcpclose help <command>" shows the options of a command, its exit status, and examples.'),
  ].join('\n');
}

/** The text after the options in the help of a command. */
export function commandFooter(entry: CommandEntry): string {
  const examples = entry.examples.map((rest) => `  tcpclose ${entry.name} ${rest}`.trimEnd());
  return [...statusLines(statusesOf(entry)), '', 'Examples:', ...examples].join('\n');
}
