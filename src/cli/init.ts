import { closeSync, openSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import type { InitDocument } from '../report/documents/init.ts';
import type { Paint } from '../report/paint.ts';
import { isSystemError, reasonOf } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { firstFiles } from './init/files.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { finish }: Invocation): void {
  addReporterOptions(command).action(async (options: OutputOptions) => {
    await printDocument(async () => writeFiles(), options, linesOf, 'init');
    finish(exitStatus.asExpected);
  });
}

function writeFiles(): InitDocument {
  const results = Object.entries(firstFiles).map(([path, text]) => ({ path, result: write(path, text) }));
  const pathsOf = (wanted: 'written' | 'kept') =>
    results.flatMap(({ path, result }) => (result === wanted ? [path] : []));
  return { schemaVersion: 1, written: pathsOf('written'), kept: pathsOf('kept') };
}

function linesOf({ written, kept }: InitDocument, paint: Paint): string[] {
  return [
    ...written.map((path) => `${paint.good('✔')} wrote ${path}`),
    ...kept.map((path) => paint.faint(`  ${path} already exists: it is unchanged`)),
    'Run it: npx tcpclose test ./tcpclose/',
  ];
}

/** Never replaces a file, not even a dangling link. */
function write(path: string, text: string): 'written' | 'kept' {
  try {
    makeFolders(dirname(path));
    writeNew(path, text);
    return 'written';
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return 'kept';
    throw new UsageError(
      'bad-file',
      `cannot write ${path} (${reasonOf(error)}): run it in a folder that you can write to`,
      error,
    );
  }
}

// Half of a file would be kept by the next run, as if it were whole.
function writeNew(path: string, text: string): void {
  const fd = openSync(path, 'wx');
  try {
    writeWhole(fd, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}
