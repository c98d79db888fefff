import { existsSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { reportAtEnd } from '../report/ci.ts';
import { kindOf } from '../report/kinds/kinds.ts';
import { OutputFile } from '../report/output-file.ts';
import { createPaint, type Paint, plain } from '../report/paint.ts';
import {
  type CreateReporter,
  type Reporter,
  type ReporterContext,
  textOfDocument,
} from '../report/reporter.ts';
import { allOf, createReporter, isForPeople, type ReporterName } from '../report/reporters.ts';
import { beQuiet, canMove } from '../report/spinner.ts';
import { showInPager } from '../start-program.ts';
import { problemOf } from './early-error.ts';
import { type ReporterChoice, type ReporterOptions, reportersOf } from './reporter-choice.ts';

/** The options that all commands have. */
export interface OutputOptions extends ReporterOptions {
  /** Opens pages after they are written. */
  readonly open?: boolean;
  readonly color: boolean;
  readonly pager?: boolean;
  /** The default file, if standard output belongs to another program. */
  readonly to?: 'standard error';
}

/**
 * Runs something with the chosen reporters (`text` if none was). Reporters that can report its error do so, and it is thrown again.
 * @throws UsageError before that if a file cannot be written, or if two would write to standard output
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
 * @throws UsageError if one cannot be written, if two would write to standard output, or if --open has nothing to open
 */
export function openOutputs(options: OutputOptions): readonly ReporterOutput[] {
  const chosen = reportersOf(options);
  if (options.open && !chosen.some(isPage)) {
    throw new UsageError(
      'nothing-to-open',
      '--open shows a page in a file: add --reporter html:<file>, such as html:report.html',
    );
  }
  if (chosen.some(({ name }) => name === 'text')) beQuiet();
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
  /** Closes the files, and opens the pages if requested. */
  close(): Promise<void>;
  /** Reports an error that ended the run, and closes the files. */
  fail(error: unknown): void;
}

/** The reporters of these outputs, combined into one. */
export async function startReports<Event, Document>(
  command: string,
  outputs: readonly ReporterOutput[],
  options: OutputOptions,
  text: CreateReporter<Event, Document>,
): Promise<Reports<Event, Document>> {
  const opened = await Promise.all(
    outputs.map(async ({ name, file }) => {
      const context =
        file === undefined
          ? await onStandardOutput(command, options)
          : ({ command, output: file, paint: plain, progress: 'none' } as const);
      return { file, reporter: await createReporter(name, text, context) };
    }),
  );
  const beside = showsNothing(outputs, options) ? [await progressOf(command, text)] : [];
  const reporter = allOf([...opened.map(({ reporter }) => reporter), ...beside]);
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

/** They print each line as soon as they can. */
const writesOnTheWay: readonly ReporterName[] = ['ndjson', 'tap', 'github'];

/** Whether a user looks at a terminal on which nothing else would move, and which no line of a report disturbs. */
function showsNothing(outputs: readonly ReporterOutput[], { to }: OutputOptions): boolean {
  if (!canMove() || to !== undefined || outputs.some(({ name }) => isForPeople(name))) return false;
  const isInTheWay = ({ name, path }: ReporterOutput) => path === undefined && writesOnTheWay.includes(name);
  return !process.stdout.isTTY || !outputs.some(isInTheWay);
}

/** The progress that people see, without its text. */
async function progressOf<Event, Document>(
  command: string,
  text: CreateReporter<Event, Document>,
): Promise<Reporter<Event, Document>> {
  const shown = await text({ command, paint: plain, progress: 'moving', output: { write: () => {} } });
  return { onEvent: (event) => shown.onEvent?.(event) };
}

/**
 * Prints a document with the chosen reporters; if its text is longer than the terminal, a pager shows it.
 * @param make called once the files can be written
 * @param command the command of the document
 */
export async function printDocument<Document>(
  make: () => Promise<Document>,
  options: OutputOptions,
  linesOf: (document: Document, paint: Paint) => readonly string[],
  command: string,
): Promise<void> {
  if (mayBePaged(options)) {
    const document = await make();
    if (!(await shownInPager(document, options, linesOf))) await print(async () => document);
    return;
  }
  await print(make);

  async function print(make: () => Promise<Document>): Promise<void> {
    await withReporters<never, Document, void>(
      command,
      options,
      textOfDocument(linesOf),
      async (reporter) => {
        const startedAt = performance.now();
        const document = await make();
        const isRead = reportersOf(options).every(({ name }) => isForPeople(name));
        const kind = isRead ? undefined : await kindOf(command);
        reportAtEnd(reporter, document, {
          cases: kind?.cases?.(document) ?? [],
          lines: [{ type: command, ...document }],
          durationMs: performance.now() - startedAt,
          summary: null,
        });
      },
    );
  }
}

async function shownInPager<Document>(
  document: Document,
  options: OutputOptions,
  linesOf: (document: Document, paint: Paint) => readonly string[],
): Promise<boolean> {
  const { paint } = await onStandardOutput('', options);
  const lines = linesOf(document, paint);
  const { rows } = process.stdout;
  // Nobody looks at a terminal without a size.
  const isLong = rows > 0 && lines.length >= rows;
  return isLong && (await showInPager(lines.map((line) => `${line}\n`).join('')));
}

// As git does: on a terminal with a user, unless PAGER is empty or cat.
function mayBePaged(options: OutputOptions): boolean {
  const { TERM, PAGER, CI } = process.env;
  const [choice, ...others] = reportersOf(options);
  if (choice?.name !== 'live' || choice.file !== undefined || others.length > 0) return false;
  if (options.pager === false || CI || !process.stdout.isTTY || !process.stdin.isTTY) return false;
  return TERM !== 'dumb' && PAGER !== '' && PAGER !== 'cat';
}

/** Where the report for people goes. */
export async function onStandardOutput(
  command: string,
  { color, to }: Pick<OutputOptions, 'color' | 'to'>,
): Promise<ReporterContext> {
  const output = to === undefined ? process.stdout : process.stderr;
  const paint = await createPaint(color ? 'auto' : 'never', output.isTTY === true);
  return { command, output, paint, progress: canMove() ? 'moving' : 'none' };
}

// The error that ended the run counts, not an error while writing it.
function keepErrors(files: readonly OutputFile[]): void {
  try {
    closeAll(files);
  } catch {}
}

// The others are closed even if one cannot be written.
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
