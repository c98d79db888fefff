import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command, Option } from 'commander';
import { areTexts, isRecord } from '../api/option-kinds.ts';
import { UsageError } from '../errors.ts';
import { withoutByteOrderMark } from '../foreign.ts';
import { nearestTo } from '../nearest.ts';
import { reasonOf } from '../system-error.ts';

/** The commands whose options can have defaults in a file. */
const configurable = ['restart', 'idle', 'audit'];

const names = ['tcpclose.config.ts', 'tcpclose.config.js', 'tcpclose.config.mjs', 'tcpclose.config.json'];

/** The defaults of a command, and where they come from. */
interface Defaults {
  readonly of: string;
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The defaults of a command, from `tcpclose.config.ts`, `.js`, `.mjs` or `.json`, or from `tcpclose` in package.json: of this folder, or of
 * those above it up to the one with package.json. Nothing further up is read, since such a file is a program.
 * @throws UsageError if it cannot be read, or contains what no command has
 */
export async function defaultsOf(command: string | undefined): Promise<Defaults | undefined> {
  if (command === undefined || !configurable.includes(command)) return undefined;
  const found = await configurationIn(process.cwd());
  if (found === undefined) return undefined;
  const { source, content } = found;
  if (!isRecord(content))
    throw new UsageError('bad-config', `${source} has no object: write { "restart": { ... } }`);
  const unknown = Object.keys(content).find((key) => !configurable.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(
      'bad-config',
      `${source}: "${unknown}" is not configurable: choose from ${configurable.join(', ')}`,
    );
  }
  const values = content[command];
  if (values === undefined) return undefined;
  if (!isRecord(values))
    throw new UsageError('bad-config', `${source}: "${command}" is not an object: write { "port": 8080 }`);
  return { of: command, source, values };
}

async function configurationIn(folder: string): Promise<{ source: string; content: unknown } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const file = names.map((name) => join(at, name)).find((path) => existsSync(path));
    if (file !== undefined) return { source: shown(file), content: await contentOf(file) };
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) {
      const content = parse(manifest);
      return isRecord(content) && content['tcpclose'] !== undefined
        ? { source: `tcpclose in ${shown(manifest)}`, content: content['tcpclose'] }
        : undefined;
    }
    // Without a package there is no project, and the folders above may belong to other users.
    if (!isInPackage(dirname(at)) || dirname(at) === at) return undefined;
  }
}

function isInPackage(folder: string): boolean {
  return (
    existsSync(join(folder, 'package.json')) || (dirname(folder) !== folder && isInPackage(dirname(folder)))
  );
}

async function contentOf(file: string): Promise<unknown> {
  if (file.endsWith('.json')) return parse(file);
  const { importUserModule } = await import('../scenario/user-module.ts');
  return (await importUserModule(file)).default;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UsageError('bad-config', `${shown(file)} cannot be read (${reasonOf(error)}): fix it`, error);
  }
}

function shown(file: string): string {
  return relative(process.cwd(), file);
}

/** The command in restart's configuration, as arguments; none if the command line has one. */
export function commandOf(defaults: Defaults, args: readonly string[]): readonly string[] {
  const { command } = defaults.values;
  if (defaults.of !== 'restart' || command === undefined || args.includes('--') || hasUnit(args)) return [];
  if (!areTexts(command) || command.length === 0)
    throw new UsageError(
      'bad-config',
      `${defaults.source}: "command" is not a list of words: write ["node", "server.js"]`,
    );
  return ['--', ...command];
}

function hasUnit(args: readonly string[]): boolean {
  return args.some((arg) => arg === '--unit' || arg.startsWith('--unit='));
}

/**
 * Sets the options that the command line does not set.
 * @throws UsageError for an option that the command does not have, and as the option's own parser does
 */
export function applyDefaults(command: Command, { of, source, values }: Defaults): void {
  for (const [key, value] of Object.entries(values)) {
    if (of === 'restart' && key === 'command') continue;
    const option = command.options.find(
      (option) => option.attributeName() === key || option.long === `--${key}`,
    );
    if (option === undefined) throw unknownOption(command, key, source);
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, parsed(option, value, source), 'config');
  }
}

function parsed(option: Option, value: unknown, source: string): unknown {
  const fail = (why: string) => new UsageError('bad-config', `${source}: ${option.long} ${why}`);
  if (!option.required && !option.optional) {
    if (typeof value === 'boolean') return value;
    throw fail(`is ${JSON.stringify(value)}: write true or false`);
  }
  const texts = (Array.isArray(value) ? value : [value]).map((item) => {
    if (option.optional && item === true) return true;
    if (typeof item === 'string' || typeof item === 'number') return String(item);
    throw fail(`is ${JSON.stringify(item)}: write a text or a number`);
  });
  if (option.argChoices?.some((choice) => texts.includes(choice)) === false)
    throw fail(`is "${texts.join(' ')}": choose one of ${option.argChoices.join(', ')}`);
  const { parseArg } = option;
  if (parseArg === undefined) return texts.at(-1);
  try {
    return texts.reduce<unknown>(
      (before, text) => (text === true ? text : parseArg(text, before)),
      option.defaultValue,
    );
  } catch (error) {
    throw error instanceof UsageError
      ? new UsageError(error.code, `${source}: ${error.message}`, error)
      : error;
  }
}

function unknownOption(command: Command, key: string, source: string): UsageError {
  const known = command.options.map((option) => option.attributeName());
  const nearest = nearestTo(key, known);
  const offer = nearest === undefined ? '' : `did you mean "${nearest}"? `;
  return new UsageError(
    'bad-config',
    `${source}: ${command.name()} has no option "${key}": ${offer}see "tcpclose ${command.name()} --help"`,
  );
}
