import type { CommanderError } from 'commander';
import { commands } from './commands.ts';

/** What is wrong with the arguments, and where to read more. commander says "error: unknown option '--prot'\n(Did you mean --port?)". */
export function usage(error: CommanderError, chosen: string | undefined): string {
  const known = commands.some(({ name }) => name === chosen);
  const help = known ? `tcpclose ${chosen} --help` : 'tcpclose --help';
  const message = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  const [, option, value, choices] = notAChoice.exec(message) ?? [];
  if (option !== undefined) return `${option}: "${value}" is not a choice: choose one of ${choices}`;
  const [, given, argument, names] = notAnArgument.exec(message) ?? [];
  if (argument !== undefined) return `"${given}" is not a supported ${argument}: choose one of ${names}`;
  return `${message.replace(/(too many arguments for '.*')\. Expected (.*) but got/, '$1: it takes $2, and got')}: see "${help}"`;
}

// "option '--observer <name>' argument 'foo' is invalid. Allowed choices are auto, ss"
const notAChoice = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. Allowed choices are (.*)$/;
// "command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish"
const notAnArgument =
  /^command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)$/;
