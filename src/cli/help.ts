import { hang } from '../report/text.ts';
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

const statuses = [
  ['0', 'as expected; the server survives; no race; the port is free'],
  ['1', 'contradicted; the server does not survive; a race is possible; the port is held'],
  ['2', 'could not run: bad usage, something is missing, or all was skipped'],
  ['129, 130, 143', 'interrupted by SIGHUP, SIGINT or SIGTERM'],
] as const;

const statusWidth = Math.max(...statuses.map(([status]) => status.length)) + 2;

/** What follows the options of the program's help. */
export function programFooter(): string {
  return [
    '',
    'Exit status:',
    ...statuses.flatMap(([status, meaning]) => hang(`  ${status.padEnd(statusWidth)}`, meaning)),
    '',
    ...hang('', '"tcpclose help <command>" shows the options of a command, and examples.'),
  ].join('\n');
}

/** What follows the options of a command's help. */
export function commandFooter(name: string): string {
  const examples = commands.find((command) => command.name === name)?.examples ?? [];
  return ['', 'Examples:', ...examples.map((rest) => `  tcpclose ${name} ${rest}`.trimEnd())].join('\n');
}
