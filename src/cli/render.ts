import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, UsageError } from '../errors.ts';
import { harmlessJson } from '../foreign.ts';
import { reportAtEnd } from '../report/ci.ts';
import { requireFormat } from '../report/kinds/formats.ts';
import { type Recognised, recognise, savedNames } from '../report/kinds/kinds.ts';
import { markdown, SideBySide } from '../report/rendered.ts';
import { reasonOf } from '../system-error.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, openOutputs, startReports } from './output.ts';
import { reportersOf } from './reporter-choice.ts';

interface Saved
  extends Pick<Extract<Recognised, { state: 'known' }>, 'document' | 'name' | 'kind' | 'remarks'> {
  readonly file: string;
}

export function define(command: Command, { finish }: Invocation): void {
  addPageOptions(command).action(async (files: readonly string[], options: OutputOptions) => {
    const [first, ...others] = await Promise.all(files.map(readSaved));
    if (first === undefined) return;
    for (const { name } of reportersOf(options)) requireFormat(name, first.name);
    checkTogether(first, others, options);
    await render(first, others, options);
    finish(exitStatus.asExpected);
  });
}

/** Text is Markdown here: the terminal's own form needs the run itself. */
async function render(
  { name, kind, document, ...first }: Saved,
  others: readonly Saved[],
  options: OutputOptions,
) {
  const reports = await startReports(name, openOutputs(options), options, markdown);
  const remarks = [...new Set([first, ...others].flatMap((saved) => saved.remarks))];
  const shown =
    others.length === 0 ? document : new SideBySide([document, ...others.map((other) => other.document)]);
  reportAtEnd(reports.reporter, shown, {
    cases: others.length === 0 ? (kind.cases?.(document) ?? []) : [],
    lines: [],
    durationMs: kind.durationMs?.(document) ?? 0,
    summary: null,
    remarks,
  });
  await reports.close();
}

async function readSaved(file: string): Promise<Saved> {
  const found = await recognise(parse(file));
  if (found.state === 'known') {
    for (const remark of found.remarks) process.stderr.write(`tcpclose: "${file}": ${remark}\n`);
    return { file, ...found };
  }
  if (found.state === 'unknown') throw notADocument(file, found.why);
  throw new UsageError(
    'bad-document',
    `"${file}" has schemaVersion ${found.schemaVersion}, and this version of tcpclose reads 1: render it with the version that saved it`,
  );
}

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      'bad-document',
      `"${file}" cannot be read (${reasonOf(error)}): name a file saved by --json`,
      error,
    );
  }
  try {
    // A saved document may come from anywhere.
    return harmlessJson(text);
  } catch (error) {
    const lines = parseLines(text);
    if (lines === null) throw notADocument(file, messageOf(error), error);
    return lines;
  }
}

/** The output of watch: a document per line. A last line that was cut off is left out. */
function parseLines(text: string): readonly unknown[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const documents: unknown[] = [];
  for (const [i, line] of lines.entries()) {
    try {
      documents.push(harmlessJson(line));
    } catch {
      if (i === 0 || i < lines.length - 1) return null;
    }
  }
  return documents.length === 0 ? null : documents;
}

function notADocument(file: string, why: string, cause?: unknown): UsageError {
  const commands = `${savedNames.slice(0, -1).join(', ')} or ${savedNames.at(-1)}`;
  return new UsageError(
    'bad-document',
    `"${file}" is not a document of ${commands} (${why.split('\n')[0]}): save one with "tcpclose <command> --json > saved.json"`,
    cause,
  );
}

/** @throws UsageError if the documents cannot be shown side by side */
function checkTogether(first: Saved, others: readonly Saved[], { reporter = [], json }: OutputOptions): void {
  if (others.length === 0) return;
  const different = others.find(({ name }) => name !== first.name);
  if (different !== undefined) {
    throw new UsageError(
      'different-documents',
      `"${first.file}" is of ${first.name} and "${different.file}" of ${different.name}: render each separately`,
    );
  }
  const { mostDocuments = 1 } = first.kind;
  if (others.length >= mostDocuments) {
    const remedy = mostDocuments === 1 ? 'render each separately' : `give at most ${mostDocuments}`;
    throw new UsageError(
      'too-many-documents',
      `${others.length + 1} documents of ${first.name} are not shown side by side: ${remedy}`,
    );
  }
  if (json || reporter.length === 0 || reporter.some(({ name }) => name !== 'html')) {
    throw new UsageError(
      'only-html',
      'several documents are shown side by side on a page only: use --reporter html:<file> alone',
    );
  }
}
