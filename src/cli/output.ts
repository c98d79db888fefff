import { existsSync } from 'node:fs';
import { TcpcloseError, UsageError } from '../errors.ts';
import { type Problem, problem } from '../report/ci.ts';
import { OutputFile } from '../report/output-file.ts';
import { createPaint, type Paint } from '../report/paint.ts';
import {
  type CreateReporter,
  type Reporter,
  type ReporterContext,
  textOfDocument,
} from '../report/reporter.ts';
import { allOf, createReporter, type ReporterName, reporterNames } from '../report/reporters.ts';
import { canMove } from '../report/spinner.ts';
import { showInPager } from '../start-program.ts';
import { describeError } from './error-line.ts';

/** What --json, --reporter and --no-color say. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly reporter?: readonly ReporterChoice[];
  readonly quiet?: boolean;
  /** Shows pages that were written. */
  readonly open?: boolean;
  readonly color: boolean;
  readonly pager?: boolean;
  /** Where it is written unless a file is named, if standard output belongs to another program. */
  readonly to?: 'standard error';
}

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
 * Does something with the reporters that were chosen, `text` if none was. What it throws is reported by those that can, and thrown.
 * @throws UsageError before that, when a file cannot be written, or two would write to standard output
 */
export async function withReporters<Event, Document, Result>(
  command: string,
  options: OutputOptions,
  text: CreateReporter<Event, Document>,
  run: (reporter: Required<Reporter<Event, Document>>) => Promise<Result>,
): Promise<Result> {
  const reports = await startReports(command, openOutputs(options), options, text);
  let result: Result;
  try {
    result = await run(reports.reporter);
  } catch (error) {
    reports.fail(error);
    throw error;
  }
  await reports.close();
  return result;
}

/** Where a reporter writes; standard output if `file` is undefined. */
export interface ReporterOutput {
  readonly name: ReporterName;
  readonly path: string | undefined;
  readonly file: OutputFile | undefined;
}

/**
 * Opens the files of the reporters that were chosen.
 * @throws UsageError when one cannot be written, two would write to standard output, or nothing can be opened by --open
 */
export function openOutputs(options: OutputOptions): readonly ReporterOutput[] {
  const chosen = reportersOf(options);
  if (options.open && !chosen.some(isPage)) {
    throw new UsageError(
      'nothing-to-open',
      '--open shows a page in a file: add --reporter html:<file>, such as html:report.html',
    );
  }
  return chosen.map(({ name, file: path }) => ({
    ...{ name, path },
    file: path === undefined ? undefined : new OutputFile(path),
  }));
}

function isPage({ name, file }: ReporterChoice): boolean {
  return name === 'html' && file !== undefined;
}

export interface Reports<Event, Document> {
  readonly reporter: Required<Reporter<Event, Document>>;
  /** Closes the files, and shows the pages if that was asked for. */
  close(): Promise<void>;
  /** Reports an error that ended the run, and closes the files. */
  fail(error: unknown): void;
}

/** The reporters of these outputs, as one. */
export async function startReports<Event, Document>(
  command: string,
  outputs: readonly ReporterOutput[],
  options: OutputOptions,
  text: CreateReporter<Event, Document>,
): Promise<Reports<Event, Document>> {
  const opened = await Promise.all(
    outputs.map(async ({ name, file }) => {
      const context =
        file === undefined ? await onStandardOutput(command, options) : await inFile(command, file);
      return { file, reporter: await createReporter(name, text, context) };
    }),
  );
  const reporter = allOf(opened.map(({ reporter }) => reporter));
  return {
    reporter,
    async close() {
      closeAll(opened.flatMap(({ file }) => file ?? []));
      if (!options.open) return;
      const { openPage } = await import('./open-page.ts');
      for (const { name, path } of outputs)
        if (name === 'html' && path !== undefined && existsSync(path)) await openPage(path);
    },
    fail(error) {
      reporter.onError(problemOf(error));
      keepErrors(
        opened.flatMap(({ file, reporter }) => (reporter.onError === undefined ? [] : (file ?? []))),
      );
    },
  };
}

/** Prints a document, as JSON with --json, or as text, which a pager shows where it is longer than the terminal. */
export async function printDocument<Document>(
  document: Document,
  options: OutputOptions,
  linesOf: (document: Document, paint: Paint) => readonly string[],
): Promise<void> {
  if (mayBePaged(options)) {
    const { paint } = await onStandardOutput('', options);
    const lines = linesOf(document, paint);
    const { rows } = process.stdout;
    // A terminal without a size has nobody before it.
    const isLong = rows > 0 && lines.length >= rows;
    if (isLong && (await showInPager(lines.map((line) => `${line}\n`).join('')))) return;
  }
  await withReporters('', options, textOfDocument(linesOf), async (reporter) => {
    reporter.onEnd(document, { durationMs: 0, summary: null, cutShort: null });
  });
}

// As git does: on a terminal with somebody before it, unless PAGER is empty or cat.
function mayBePaged({ json, quiet, pager = true }: OutputOptions): boolean {
  const { TERM, PAGER, CI } = process.env;
  if (json || quiet || !pager || CI || !process.stdout.isTTY || !process.stdin.isTTY) return false;
  return TERM !== 'dumb' && PAGER !== '' && PAGER !== 'cat';
}

/** Where the report goes that a person reads. */
export async function onStandardOutput(
  command: string,
  { color, to }: Pick<OutputOptions, 'color' | 'to'>,
): Promise<ReporterContext> {
  const output = to === undefined ? process.stdout : process.stderr;
  const paint = await createPaint(color ? 'auto' : 'never', output.isTTY === true);
  return { command, output, paint, progress: canMove() ? 'moving' : 'none' };
}

async function inFile(command: string, output: OutputFile): Promise<ReporterContext> {
  return { command, output, paint: await createPaint('never', false), progress: 'none' };
}

/**
 * The reporters that --reporter and --json choose; `text` without either.
 * @throws UsageError when two would write to standard output
 */
function reportersOf({ reporter = [], json, quiet }: OutputOptions): readonly ReporterChoice[] {
  if (quiet) return quietly(reporter, json);
  const first: ReporterChoice = { name: json ? 'json' : 'text', file: undefined };
  const chosen = json || reporter.length === 0 ? [first, ...reporter] : reporter;
  const [one, two] = chosen.filter(({ file }) => file === undefined);
  if (one === undefined || two === undefined) return chosen;
  throw new UsageError(
    'two-reporters',
    `${one.name} and ${two.name} cannot both write to standard output: give one a file, ${two.name}:<file>`,
  );
}

function quietly(reporter: readonly ReporterChoice[], json: boolean | undefined): readonly ReporterChoice[] {
  const loud = json ? 'json' : reporter.find(({ file }) => file === undefined)?.name;
  if (loud === undefined) return reporter;
  throw new UsageError(
    'quiet-reporter',
    `--quiet leaves nothing to print, and ${loud} would: give it a file, --reporter ${loud}:<file>`,
  );
}

function problemOf(error: unknown): Problem {
  const type = error instanceof TcpcloseError ? error.code : null;
  const output = error instanceof Error && 'output' in error ? String(error.output) : '';
  return problem(describeError(error), { type, text: output });
}

// The error that ended the run counts, not one of writing it.
function keepErrors(files: readonly OutputFile[]): void {
  try {
    closeAll(files);
  } catch {}
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
