import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import type { Command } from 'commander';
import * as v from 'valibot';
import { messageOf, UsageError } from '../errors.ts';
import { addressCases, cellGroups, needsIPv6 } from '../matrix/cells.ts';
import { measureMatrix } from '../matrix/measure.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import {
  type MatrixDiff,
  type MatrixDocument,
  matrixDiffOf,
  matrixDocument,
} from '../report/documents/matrix.ts';
import { matrixCases } from '../report/matrix/cases.ts';
import { matrixText } from '../report/matrix/text.ts';
import { textOfDocument } from '../report/reporter.ts';
import { hang } from '../report/text.ts';
import { whyUnmet } from '../scenario/needs.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './commands.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';

interface MatrixOptions extends OutputOptions {
  readonly diff?: string;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command.option('--diff <file>', 'compare with a document saved by --json, perhaps on another kernel');
  addReporterOptions(command).action(async (options: MatrixOptions) => {
    finish(
      options.diff === undefined
        ? await table(options, signal)
        : await comparison(readSaved(options.diff), options, signal),
    );
  });
}

async function table(options: MatrixOptions, signal: AbortSignal): Promise<number> {
  const withoutIPv6 = await whyUnmet('IPv6');
  const headline = ({ environment, cells }: MatrixDocument, durationMs: number) =>
    `bind on Linux ${environment.kernel}, ${cells.length} cells measured in ${formatSpan(durationMs)}`;
  const text = textOfDocument<MatrixDocument>((document, paint, { durationMs }) => [
    headline(document, durationMs),
    ...matrixText(document.cells, paint),
    ...(withoutIPv6 === null ? [] : ['', ...hang('', `without IPv6: ${withoutIPv6}`)]),
  ]);
  return withReporters('matrix', options, text, async (reporter) => {
    const { document, durationMs } = await measure(withoutIPv6, signal);
    const { cells, ...common } = document;
    reportAtEnd(reporter, document, {
      cases: matrixCases(cells, undefined),
      lines: linesOf('cell', cells, common),
      durationMs,
      summary: { level: 'notice', text: headline(document, durationMs) },
    });
    return exitStatus.asExpected;
  });
}

async function comparison(
  saved: MatrixDocument,
  options: MatrixOptions,
  signal: AbortSignal,
): Promise<number> {
  const text = textOfDocument<MatrixDiff>((diff, _, { summary }) => [
    ...diff.differences.map(({ cell, before, now }) => `${cell}: ${before} before, ${now} now`),
    summary?.text ?? '',
  ]);
  return withReporters('matrix', options, text, async (reporter) => {
    const { document, durationMs } = await measure(await whyUnmet('IPv6'), signal);
    const diff = matrixDiffOf(saved, document);
    const { differences, before, now, ...common } = diff;
    const differ = `${differences.length} of ${document.cells.length} cells differ`;
    reportAtEnd(reporter, diff, {
      cases: matrixCases(document.cells, diff),
      lines: linesOf('difference', differences, common, { before, now }),
      durationMs,
      summary: {
        level: differences.length === 0 ? 'notice' : 'error',
        text: `${differ} (Linux ${before.kernel} before, ${now.kernel} now)`,
      },
    });
    return differences.length === 0 ? exitStatus.asExpected : exitStatus.contradicted;
  });
}

async function measure(
  withoutIPv6: string | null,
  signal: AbortSignal,
): Promise<{ readonly document: MatrixDocument; readonly durationMs: number }> {
  const startedAt = performance.now();
  const cases = addressCases.filter((addresses) => withoutIPv6 === null || !needsIPv6(addresses));
  const cells = await measureMatrix(cellGroups(cases), signal);
  return {
    document: { schemaVersion: 1, environment: environment(), cells },
    durationMs: performance.now() - startedAt,
  };
}

function environment(): MatrixDocument['environment'] {
  return { kernel: release(), arch: arch(), node: process.versions.node, user: process.getuid?.() ?? -1 };
}

function readSaved(file: string): MatrixDocument {
  try {
    return v.parse(matrixDocument, JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = messageOf(error).split('\n')[0];
    throw new UsageError(
      'bad-document',
      `"${file}" is not a document of "tcpclose matrix --json" (${why}): save one with "tcpclose matrix --json > saved.json"`,
      error,
    );
  }
}
