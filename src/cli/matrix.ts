import type { Command } from 'commander';
import { readKnownMatrix } from '../api/known-kernel.ts';
import { matrix, matrixDiff } from '../api/matrix.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { MatrixDiff, MatrixDocument } from '../report/documents/matrix.ts';
import { matrixCases } from '../report/matrix/cases.ts';
import { matrixText } from '../report/matrix/text.ts';
import { atThisPace, Progress } from '../report/progress.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { hang } from '../report/text.ts';
import { whyUnmet } from '../scenario/needs.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';

interface MatrixOptions extends OutputOptions {
  readonly diff?: string;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
    .option(
      '--diff <file|version>',
      'compare with a document saved by --json, or a known kernel such as 5.10',
    )
    .action(async (options: MatrixOptions) => {
      const saved = options.diff === undefined ? undefined : readKnownMatrix(options.diff);
      const withoutIPv6 = await whyUnmet('IPv6');
      finish(
        await withReporters('matrix', options, textOf(withoutIPv6), async (reporter) => {
          const startedAt = performance.now();
          const progress = new Progress();
          progress.say('starting to measure');
          const document = await matrix({
            abortSignal: signal,
            onEvent: ({ cells, of }) =>
              progress.say(`${cells} of ${of}: measuring cells`, atThisPace(startedAt, cells, of)),
          }).finally(() => progress.stop());
          const durationMs = performance.now() - startedAt;
          if (saved === undefined) report(document, durationMs, reporter);
          else compare(saved, document, durationMs, reporter);
          return exitStatus.asExpected;
        }),
      );
    });
  addPageOptions(command);
}

type MatrixReporter = Required<Reporter<never, MatrixDocument | MatrixDiff>>;

function textOf(withoutIPv6: string | null) {
  const remark = withoutIPv6 === null ? [] : ['', ...hang('', `without IPv6: ${withoutIPv6}`)];
  return textOfDocument<MatrixDocument | MatrixDiff>((document, paint, { summary }) => {
    const headline = summary?.text ?? '';
    if ('cells' in document) return [headline, ...matrixText(document.cells, paint), ...remark];
    return [
      ...document.differences.map(({ cell, before, now }) => `${cell}: ${before} before, ${now} now`),
      headline,
    ];
  });
}

function report(document: MatrixDocument, durationMs: number, reporter: MatrixReporter): void {
  const { cells, ...common } = document;
  const { kernel } = document.environment;
  const text = `bind on Linux ${kernel}, ${cells.length} cells measured in ${formatSpan(durationMs)}`;
  reportAtEnd(reporter, document, {
    cases: matrixCases(cells, undefined),
    lines: linesOf('cell', cells, common),
    durationMs,
    summary: { level: 'notice', text },
  });
}

function compare(
  saved: MatrixDocument,
  { cells, ...rest }: MatrixDocument,
  durationMs: number,
  reporter: MatrixReporter,
): void {
  const diff = matrixDiff(saved, { cells, ...rest });
  const { differences, before, now, ...common } = diff;
  const differ = `${differences.length} of ${cells.length} cells differ`;
  const text = `${differ} (Linux ${before.kernel} before, ${now.kernel} now)`;
  reportAtEnd(reporter, diff, {
    cases: matrixCases(cells, diff),
    lines: linesOf('difference', differences, common, { before, now }),
    durationMs,
    summary: { level: differences.length === 0 ? 'notice' : 'warning', text },
  });
}
