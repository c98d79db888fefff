import { constants } from 'node:os';
import type { Option } from 'commander';
import { formatsOf } from '../../report/kinds/formats.ts';
import { needNames } from '../../scenario/needs.ts';
import { states } from '../../state.ts';
import type { CommandEntry, Invocation } from '../command-entry.ts';
import { defined } from '../defined.ts';
import type { Candidate } from './scripts.ts';

/** Values of options that their parser knows and commander does not. */
const valuesOf: Readonly<Record<string, readonly string[]>> = {
  '--require': needNames,
  '--signal': Object.keys(constants.signals).map((name) => name.slice('SIG'.length)),
  '--until': states.map((state) => `${state}=0`),
};

/** The candidates for the last word, which may be empty. None for a file, a number or the user's own command. */
export async function candidatesOf(
  words: readonly string[],
  invocation: Invocation,
): Promise<readonly Candidate[]> {
  // bash treats "=" as a word of its own.
  const whole = words.at(-1) === '=' ? [...words, ''] : words;
  const current = whole.at(-1) ?? '';
  const before = whole.slice(0, -1).filter((word) => word !== '=');
  const candidates = await allAt(before, current, invocation);
  return candidates.filter(({ value }) => value.startsWith(current));
}

async function allAt(
  before: readonly string[],
  current: string,
  invocation: Invocation,
): Promise<readonly Candidate[]> {
  if (before.includes('--')) return [];
  const { commands } = invocation;
  const name = before.find((word) => !word.startsWith('-'));
  if (name === undefined || name === 'help')
    return current.startsWith('-') ? optionCandidates(ofProgram) : commandCandidates(commands);
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) return [];
  const { options: own } = await defined(entry, invocation);
  const options = [...own, ...ofProgram.slice(0, 1)];
  const [flag, value] = split(current);
  const asking = value === undefined ? before.at(-1) : flag;
  const waiting = options.find(({ long }) => long === asking);
  if (waiting !== undefined && takesValue(waiting)) {
    const prefix = value === undefined ? '' : `${flag}=`;
    return choicesOf(waiting, name).map((choice) => ({ value: `${prefix}${choice}`, description: '' }));
  }
  if (current.startsWith('-')) return optionCandidates(options);
  return (await entry.candidates?.()) ?? [];
}

function commandCandidates(commands: readonly CommandEntry[]): readonly Candidate[] {
  const shown = commands.filter(({ hidden }) => !hidden);
  return [
    ...shown.map(({ name, summary }) => ({ value: name, description: summary })),
    { value: 'help', description: 'print help' },
  ];
}

function split(word: string): readonly [flag: string, value: string | undefined] {
  const at = word.indexOf('=');
  return at === -1 || !word.startsWith('--') ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

type Described = Pick<Option, 'long' | 'short' | 'description'> & Partial<Option>;

const ofProgram: readonly Described[] = [
  { long: '--help', short: '-h', description: 'print help' },
  { long: '--version', short: '-v', description: 'print the version' },
];

function takesValue(option: Described): boolean {
  return option.required === true || option.optional === true;
}

function choicesOf({ long, argChoices }: Described, command: string): readonly string[] {
  if (long === '--reporter') return formatsOf(command);
  return argChoices ?? valuesOf[long ?? ''] ?? [];
}

function optionCandidates(options: readonly Described[]): readonly Candidate[] {
  return options.map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
}
