/** What was found on another kernel: kept in the package by version, or saved by `--json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { UsageError } from '../errors.ts';
import { harmless, withoutByteOrderMark } from '../foreign.ts';
import { packagePath, runsFromSource } from '../package.ts';
import type { KnownFindings } from '../report/claims/compare.ts';
import { claimsDocument } from '../report/documents/claims.ts';
import { type KernelDocument, keptFindings, kernelDocument, matrixOf } from '../report/documents/kernel.ts';
import { type MatrixDocument, matrixDocument } from '../report/documents/matrix.ts';
import { reasonOf } from '../system-error.ts';

const folder = packagePath(runsFromSource ? 'kernels' : 'dist/kernels');

/** The kernel versions whose findings the package has. */
function knownVersions(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ''))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** @throws UsageError */
export function readKnownFindings(name: string): KnownFindings {
  const document = read(name, v.union([kernelDocument, claimsDocument]), 'claims');
  if ('cells' in document) {
    const { environment, origin, claims } = document;
    if (claims.length === 0)
      throw new UsageError(
        'no-findings',
        `the package has no findings of Linux ${name}, only its table of binds: choose another kernel, or a file`,
      );
    return { kernel: environment.kernel, origin, claims };
  }
  return { kernel: document.machine.kernel, origin: name, claims: keptFindings(document) };
}

/** @throws UsageError */
export function readKnownMatrix(name: string): MatrixDocument {
  const document = read(name, v.union([kernelDocument, matrixDocument]), 'matrix');
  return 'version' in document ? matrixOf(document) : document;
}

/** The findings that the package has of a kernel version. */
export function readKnownKernel(version: string): KernelDocument | undefined {
  if (!knownVersions().includes(version)) return undefined;
  return v.parse(kernelDocument, JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')));
}

function read<Schema extends v.GenericSchema>(
  name: string,
  schema: Schema,
  command: string,
): v.InferOutput<Schema> {
  const known = knownVersions();
  const file = known.includes(name) && !existsSync(name) ? join(folder, `${name}.json`) : name;
  try {
    return v.parse(schema, JSON.parse(withoutByteOrderMark(readFileSync(file, 'utf8')), harmlessText));
  } catch (error) {
    const why = reasonOf(error).split('\n')[0];
    const versions = known.length === 0 ? '' : `, or name a known kernel: ${known.join(', ')}`;
    throw new UsageError(
      'bad-document',
      `"${name}" is not a document of "tcpclose ${command} --json" (${why}): save one with "tcpclose ${command} --json > saved.json"${versions}`,
      error,
    );
  }
}

// A saved document may come from anywhere.
function harmlessText(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? harmless(value) : value;
}
