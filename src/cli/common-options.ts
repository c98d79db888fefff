/** Options that several commands have: the same name, the same values and the same words everywhere. */
import { Option } from 'commander';
import { observerChoices } from '../observe/observers.ts';
import { reporterNames } from '../report/reporters.ts';
import { parseDuration, parseLimit } from './duration.ts';
import { addReporter } from './reporter-options.ts';

export function jsonOption(what = 'one JSON document'): Option {
  return new Option('--json', `print ${what}`);
}

export function colorOption(): Option {
  return new Option('--no-color', 'print without colours');
}

export function observerOption(): Option {
  return new Option('--observer <name>', 'tool that reads the table of connections')
    .choices(observerChoices)
    .default('auto');
}

export function reporterOption(): Option {
  const names = `${reporterNames.slice(0, -1).join(', ')} or ${reporterNames.at(-1)}`;
  return new Option('--reporter <name[:file]>', `output format: ${names} (repeatable)`)
    .argParser(addReporter)
    .default([], 'text');
}

/** A time limit in milliseconds; help shows the default as it is written here. */
export function durationOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(parseLimit).default(parseDuration(fallback), fallback);
}
