/** Options that several commands have: the same name, values and words everywhere. */
import { type Command, Option } from 'commander';
import { parseDuration, parseLimit } from '../api/duration.ts';
import type { Following } from '../api/following.ts';
import type { Launching } from '../api/launching.ts';
import { harmless } from '../foreign.ts';
import { observerChoices } from '../observe/observers.ts';
import { formatsOf } from '../report/kinds/formats.ts';
import { parseJobs } from '../scenario/parameters.ts';
import { commonGroup } from './command-entry.ts';
import type { OutputOptions } from './output.ts';
import { parseOutput, parseReporter, type ReporterChoice } from './reporter-choice.ts';

/** The options of a command, as commander has parsed them: those of a function of the API, and those of all commands. */
export type Given<Options> = OutputOptions & Omit<Options, keyof Following<never>>;

const outputMeaning = 'write the result to a file, whole or not at all, instead of standard output';

/** --json, --output, --quiet, --no-color and --no-pager, which every command has. */
function addOutputOptions(command: Command, document = 'one JSON document'): Command {
  const options = [
    new Option('--json', `print ${document}`),
    new Option('-o, --output <file>', outputMeaning).argParser(parseOutput),
    new Option('-q, --quiet', 'print neither result nor progress: only set the exit status'),
    new Option('--no-color', 'print without colours'),
    new Option('--no-pager', 'never show a long result in a pager'),
  ];
  for (const option of options) command.addOption(option.helpGroup(commonGroup));
  return command;
}

/** The same and --reporter, for commands with results. */
export function addReporterOptions(command: Command, document?: string): Command {
  const formats = formatsOf(command.name());
  const names = `${formats.slice(0, -1).join(', ')} or ${formats.at(-1)}`;
  const option = new Option('--reporter <name[:file]>', `choose the output format: ${names} (repeatable)`)
    .argParser<readonly ReporterChoice[]>((text, before) => [...before, parseReporter(command.name(), text)])
    .default([], 'live')
    .helpGroup(commonGroup);
  return addOutputOptions(command.addOption(option), document);
}

/** The same and --open, for commands whose results have a page. */
export function addPageOptions(command: Command, document?: string): Command {
  addReporterOptions(command, document);
  const option = new Option('--open', 'show the page that --reporter html:<file> writes in a browser');
  return command.addOption(option.helpGroup(commonGroup));
}

export function observerOption(): Option {
  return new Option('--observer <name>', 'read the table of connections with this tool')
    .choices(observerChoices)
    .default('auto');
}

/** One at a time is steadiest if timing decides: on a slow or busy machine. */
export function jobsOption(): Option {
  return new Option(
    '--jobs <n>',
    'run n scenarios at once, fewer if a process may have too few descriptors (default: 4 per core); 1 suits a slow machine',
  ).argParser(parseJobs);
}

/** For commands that look at a machine, and need no peers there. */
export function launcherOption(): Option {
  return new Option(
    '--on <launcher>',
    'look at another machine through a launcher such as "ssh box"; needs ss, netstat or /proc there',
  );
}

/** For commands whose runs have a server and a client. */
export function addRunLaunchers(command: Command, conflicts: readonly string[]): void {
  const options = [
    new Option('--server-on <launcher>', 'run the server behind a prefix command, such as "ssh box"'),
    new Option('--client-on <launcher>', 'run the client behind a prefix command'),
  ];
  for (const option of options) command.addOption(option.conflicts([...conflicts]));
  command.addOption(launchTimeoutOption());
}

/** For commands with launchers. */
export function launchTimeoutOption(): Option {
  return durationOption(
    '--launch-timeout <duration>',
    'limit the time in which a launcher starts a command',
    '30s',
  );
}

/** Says what a slow launcher is waiting for, beside the result. */
export function launching({ launchTimeout, quiet }: Given<Launching>): Launching {
  const onSlowLaunch = (text: string) => void (quiet || process.stderr.write(`${harmless(text)}\n`));
  return { launchTimeout, onSlowLaunch };
}

/** A time limit in milliseconds; help shows the default as written here. */
export function durationOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(parseLimit).default(parseDuration(fallback), fallback);
}
