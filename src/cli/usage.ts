import type { CommanderError } from 'commander';
import { commands } from './commands.ts';

/**
 * What is wrong with the arguments, and where to read on. commander says "error: unknown option '--prot'\n(Did you mean --port?)".
 */
export function usage(error: CommanderError, chosen: string | undefined): string {
  const known = commands.some(({ name }) => name === chosen);
  const help = known ? `tcpclose ${chosen} --help` : 'tcpclose --help';
  const message = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  const [, option, value, choices] = notAChoice.exec(message) ?? [];
  return option === undefined
    ? `${message}: see "${help}"`
    : `${option}: "${value}" is not a choice: choose one of ${choices}`;
}

// "option '--observer <name>' argument 'foo' is invalid. Allowed choices are auto, ss"
const notAChoice = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. Allowed choices are (.*)$/;
