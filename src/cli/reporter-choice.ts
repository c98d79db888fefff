import { UsageError } from '../errors.ts';
import { formatsOf, requireFormat } from '../report/kinds/formats.ts';
import { type ReporterName, reporterNames } from '../report/reporters.ts';

/** A reporter, and the file that it writes; undefined means standard output. */
export interface ReporterChoice {
  readonly name: ReporterName;
  readonly file: string | undefined;
}

/** The values of --json, --reporter, --output and --quiet. */
export interface ReporterOptions {
  readonly json?: boolean;
  readonly reporter?: readonly ReporterChoice[];
  /** The file that replaces standard output. */
  readonly output?: string;
  readonly quiet?: boolean;
}

/** A reporter: `junit`, or `junit:results.xml`. */
export function parseReporter(command: string, text: string): ReporterChoice {
  const [nameText = '', ...rest] = text.split(':');
  const name = reporterNames.find((known) => known === nameText);
  if (name === undefined) {
    throw new UsageError(
      'bad-reporter',
      `"${nameText}" is not a reporter: choose one of ${formatsOf(command).join(', ')}`,
    );
  }
  requireFormat(name, command);
  if (rest.length > 0 && rest.join(':') === '') {
    throw new UsageError('bad-reporter', `"${text}" names no file: write ${name}:<file>, or ${name} alone`);
  }
  return { name, file: rest.length === 0 ? undefined : fileOf(rest.join(':')) };
}

/** `-` is standard output, as for other programs. */
function fileOf(text: string): string | undefined {
  return text === '-' ? undefined : text;
}

/** The option --output, whose file needs a name. */
export function parseOutput(text: string): string {
  if (text !== '') return text;
  throw new UsageError('bad-file', '--output names no file: write --output <file>');
}

/**
 * The reporters that --reporter and --json choose; `live` without either.
 * @throws UsageError if two would write to standard output, or if --output has nothing to write
 */
export function reportersOf(options: ReporterOptions): readonly ReporterChoice[] {
  const { reporter = [], json, quiet } = options;
  const output = options.output === undefined ? undefined : fileOf(options.output);
  const wantsMore = json === true || (reporter.length === 0 && (!quiet || output !== undefined));
  const first: ReporterChoice = { name: json ? 'json' : 'live', file: undefined };
  const chosen = wantsMore ? [first, ...reporter] : reporter;
  const [one, two] = chosen.filter(({ file }) => file === undefined);
  if (one !== undefined && two !== undefined) {
    throw new UsageError(
      'two-reporters',
      `${one.name} and ${two.name} cannot both write to ${output ?? 'standard output'}: give one a file, ${two.name}:<file>`,
    );
  }
  if (output !== undefined && one === undefined) {
    throw new UsageError(
      'no-output',
      `nothing is left for --output ${output}, since every reporter has a file: leave it out, or choose one without a file`,
    );
  }
  if (quiet && one !== undefined && output === undefined) {
    throw new UsageError(
      'quiet-reporter',
      `--quiet leaves nothing to print, and ${one.name} would: give it a file, --reporter ${one.name}:<file>`,
    );
  }
  return chosen.map((choice) => ({ ...choice, file: choice.file ?? output }));
}
