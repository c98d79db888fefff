import { closeSync, openSync, writeSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';
import type { SuiteEvent } from '../events.ts';
import { type ColorChoice, createPaint } from '../report/paint.ts';
import { canMove } from '../report/spinner.ts';
import {
  createReporter,
  type ReporterName,
  reporterNames,
  type SuiteReporter,
} from '../report/suite/reporters.ts';

/** A reporter, and the file it writes; standard output if undefined. */
export interface ReporterChoice<Name extends string = ReporterName> {
  readonly name: Name;
  readonly file: string | undefined;
}

export function parseReporter(text: string): ReporterChoice {
  return parseReporterOf(reporterNames, text);
}

/** `junit:results.xml`, or a name alone. */
export function parseReporterOf<Name extends string>(
  names: readonly Name[],
  text: string,
): ReporterChoice<Name> {
  const [nameText = '', ...rest] = text.split(':');
  const name = names.find((known) => known === nameText);
  if (name === undefined) {
    throw new UsageError('bad-reporter', `"${nameText}" is no reporter: choose one of ${names.join(', ')}`);
  }
  if (rest.length > 0 && rest.join(':') === '') {
    throw new UsageError('bad-reporter', `"${text}" names no file: write ${name}:<file>, or ${name} alone`);
  }
  return { name, file: rest.length === 0 ? undefined : rest.join(':') };
}

export interface Reporters extends SuiteReporter {
  close(): void;
}

/**
 * Opens what was chosen, or `live` if nothing was.
 * @throws UsageError when two would write to standard output, or a file cannot be written
 */
export async function openReporters(
  choices: readonly ReporterChoice[],
  color: ColorChoice,
): Promise<Reporters> {
  const chosen: readonly ReporterChoice[] =
    choices.length === 0 ? [{ name: 'live', file: undefined }] : choices;
  refuseTwoOnOutput(chosen);
  const files: number[] = [];
  const reporters = await Promise.all(chosen.map((choice) => open(choice, color, files)));
  return {
    on: (event: SuiteEvent) => {
      for (const reporter of reporters) reporter.on(event);
    },
    close: () => {
      for (const file of files) closeSync(file);
    },
  };
}

/** @throws UsageError when two would write to standard output */
export function refuseTwoOnOutput(choices: readonly ReporterChoice<string>[]): void {
  const [first, second] = choices.filter(({ file }) => file === undefined);
  if (first === undefined || second === undefined) return;
  throw new UsageError(
    'two-reporters',
    `${first.name} and ${second.name} cannot both write to standard output: give one a file, ${second.name}:<file>`,
  );
}

async function open(
  { name, file }: ReporterChoice,
  color: ColorChoice,
  files: number[],
): Promise<SuiteReporter> {
  if (file === undefined) {
    const progress = canMove() ? 'moving' : 'none';
    const paint = await createPaint(color, process.stdout.isTTY === true);
    return createReporter(name, { output: process.stdout, paint, progress });
  }
  const descriptor = openFile(file);
  files.push(descriptor);
  const output = { write: (text: string) => void writeSync(descriptor, text) };
  return createReporter(name, { output, paint: await createPaint('never', false), progress: 'none' });
}

/** @throws UsageError */
export function openFile(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new UsageError(
      'bad-file',
      `"${file}" cannot be written (${messageOf(error)}): name another file`,
      error,
    );
  }
}
