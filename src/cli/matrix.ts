import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import type { Command } from 'commander';
import * as v from 'valibot';
import { messageOf, UsageError } from '../errors.ts';
import { addressCases, cellGroups, needsIPv6 } from '../matrix/cells.ts';
import { measureMatrix } from '../matrix/measure.ts';
import { type MatrixDocument, matrixDocument } from '../report/documents/matrix.ts';
import { matrixText } from '../report/matrix.ts';
import { createPaint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import { hang } from '../report/text.ts';
import { whyUnmet } from '../scenario/needs.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption } from './common-options.ts';
import { exitStatus } from './exit-status.ts';

interface MatrixOptions {
  readonly json?: boolean;
  readonly diff?: string;
  readonly color: boolean;
}

type CellDocument = MatrixDocument['cells'][number];

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--diff <file>', 'compare with a document saved by --json, perhaps on another kernel')
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (options: MatrixOptions) => {
      const saved = options.diff === undefined ? undefined : readSaved(options.diff);
      const startedAt = performance.now();
      const withoutIPv6 = await whyUnmet('IPv6');
      const cases = addressCases.filter((addresses) => withoutIPv6 === null || !needsIPv6(addresses));
      const cells = await measureMatrix(cellGroups(cases), interruption.signal);
      const document: MatrixDocument = { schemaVersion: 1, environment: environment(), cells };
      const took = formatSpan(performance.now() - startedAt);
      if (saved !== undefined) {
        finish(compare(saved, document, options.json === true));
        return;
      }
      finish(exitStatus.asExpected);
      if (options.json) {
        printDocument(document);
        return;
      }
      const paint = await createPaint(options.color ? 'auto' : 'never', process.stdout.isTTY === true);
      const remark = withoutIPv6 === null ? [] : ['', ...hang('', `without IPv6: ${withoutIPv6}`)];
      const { kernel } = document.environment;
      print([
        `bind on Linux ${kernel}, ${cells.length} cells measured in ${took}`,
        ...matrixText(cells, paint),
        ...remark,
      ]);
    });
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

/** Prints the cells that differ, or that only one document has. */
function compare(before: MatrixDocument, now: MatrixDocument, json: boolean): number {
  const old = new Map(before.cells.map((cell) => [keyOf(cell), cell]));
  const seen = new Set<string>();
  const differences: { cell: string; before: string; now: string }[] = [];
  for (const cell of now.cells) {
    const key = keyOf(cell);
    seen.add(key);
    const [was, is] = [resultOf(old.get(key)), resultOf(cell)];
    if (was !== is) differences.push({ cell: key, before: was, now: is });
  }
  for (const [key, cell] of old) {
    if (!seen.has(key)) differences.push({ cell: key, before: resultOf(cell), now: resultOf(undefined) });
  }
  if (json) {
    printDocument({ schemaVersion: 1, before: before.environment, now: now.environment, differences });
  } else {
    print([
      ...differences.map(({ cell, before, now }) => `${cell}: ${before} before, ${now} now`),
      `${differences.length} of ${now.cells.length} cells differ (Linux ${before.environment.kernel} before, ${now.environment.kernel} now)`,
    ]);
  }
  return differences.length === 0 ? exitStatus.asExpected : exitStatus.contradicted;
}

function keyOf({ remains, old, new: to, addresses }: CellDocument): string {
  return `${remains}, old ${old}, new ${to}, ${addresses.name}`;
}

function resultOf(cell: CellDocument | undefined): string {
  if (cell === undefined) return 'not measured';
  return cell.bind === 'ok' ? `bind ok, listen ${cell.listen}` : `bind ${cell.bind}`;
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
