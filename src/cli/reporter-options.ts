import { UsageError } from '../errors.ts';
import type { SuiteEvent } from '../events.ts';
import { OutputFile } from '../report/output-file.ts';
import { type ColorChoice, createPaint } from '../report/paint.ts';
import { type ReporterName, reporterNames } from '../report/reporters.ts';
import { canMove } from '../report/spinner.ts';
import { createReporter, type SuiteReporter } from '../report/suite/reporters.ts';

/** A reporter, and the file that it writes; standard output if undefined. */
export interface ReporterChoice {
  readonly name: ReporterName;
  readonly file: string | undefined;
}

/** Adds a reporter: `junit`, or `junit:results.xml`. */
export function addReporter(text: string, before: readonly ReporterChoice[] = []): readonly ReporterChoice[] {
  return [...before, parseReporter(text)];
}

function parseReporter(text: string): ReporterChoice {
  const [nameText = '', ...rest] = text.split(':');
  // `live` was the name of `text` when only test had reporters.
  const name = nameText === 'live' ? 'text' : reporterNames.find((known) => known === nameText);
  if (name === undefined) {
    throw new UsageError(
      'bad-reporter',
      `"${nameText}" is not a reporter: choose one of ${reporterNames.join(', ')}`,
    );
  }
  if (rest.length > 0 && rest.join(':') === '') {
    throw new UsageError('bad-reporter', `"${text}" names no file: write ${name}:<file>, or ${name} alone`);
  }
  return { name, file: rest.length === 0 ? undefined : rest.join(':') };
}

/**
 * The reporters that --reporter and --json choose; `text` without either.
 * @throws UsageError when two would write to standard output
 */
export function reportersOf({
  reporter,
  json,
}: {
  readonly reporter: readonly ReporterChoice[];
  readonly json?: boolean;
}): readonly ReporterChoice[] {
  const first: ReporterChoice = { name: json ? 'json' : 'text', file: undefined };
  const chosen = json || reporter.length === 0 ? [first, ...reporter] : reporter;
  const [one, two] = chosen.filter(({ file }) => file === undefined);
  if (one === undefined || two === undefined) return chosen;
  throw new UsageError(
    'two-reporters',
    `${one.name} and ${two.name} cannot both write to standard output: give one a file, ${two.name}:<file>`,
  );
}

export interface Reporters extends SuiteReporter {
  close(): void;
}

/**
 * Opens the chosen reporters.
 * @throws UsageError when a file cannot be written
 */
export async function openReporters(
  choices: readonly ReporterChoice[],
  color: ColorChoice,
): Promise<Reporters> {
  const files: OutputFile[] = [];
  const reporters = await Promise.all(choices.map((choice) => open(choice, color, files)));
  return {
    on: (event: SuiteEvent) => {
      for (const reporter of reporters) reporter.on(event);
    },
    close: () => closeAll(files),
  };
}

// The others are still closed when one cannot be written.
function closeAll(files: readonly OutputFile[]): void {
  const failures: unknown[] = [];
  for (const file of files) {
    try {
      file.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function open(
  { name, file }: ReporterChoice,
  color: ColorChoice,
  files: OutputFile[],
): Promise<SuiteReporter> {
  if (file === undefined) {
    const progress = canMove() ? 'moving' : 'none';
    const paint = await createPaint(color, process.stdout.isTTY === true);
    return createReporter(name, { output: process.stdout, paint, progress });
  }
  const output = new OutputFile(file);
  files.push(output);
  return createReporter(name, { output, paint: await createPaint('never', false), progress: 'none' });
}
