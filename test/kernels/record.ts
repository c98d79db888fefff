/** What a kernel has shown, as it is kept in `kernels/<version>.json`. */
import { writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { readKnownKernel } from '../../src/api/known-kernel.ts';
import { TcpcloseError } from '../../src/errors.ts';
import type { Check, Outcome } from '../../src/events.ts';
import { harmless } from '../../src/foreign.ts';
import { parseCounters } from '../../src/observe/counters/counters.ts';
import { type ClaimsDocument, claimsDocumentOf } from '../../src/report/documents/claims.ts';
import {
  type KeptFinding,
  type KernelDocument,
  keptFindings,
  keptOutcomes,
  kernelDocumentOf,
} from '../../src/report/documents/kernel.ts';
import { matrixDocument } from '../../src/report/documents/matrix.ts';
import { runDocument } from '../../src/report/documents/run.ts';
import { type SuiteDocument, suiteDocument } from '../../src/report/documents/suite.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { findingsOf } from '../../src/scenario/findings.ts';
import type { Tried, TriedStep } from './try.ts';

/** What was printed, read by the schema that the package publishes. */
export const printed = {
  matrix: (tried: Tried) => read(tried, 'matrix', matrixDocument),
  demo: (tried: Tried) => read(tried, 'demo', runDocument),
  test: (tried: Tried) => read(tried, 'test', suiteDocument),
};

function read<Schema extends v.GenericSchema>(
  { steps }: Tried,
  name: string,
  schema: Schema,
): v.InferOutput<Schema> {
  const step = steps.get(name);
  try {
    return v.parse(schema, JSON.parse(step?.stdout ?? ''));
  } catch (error) {
    throw new Error(`tcpclose ${name} printed no document: ${whyNone(step)}`, { cause: error });
  }
}

function whyNone(step: TriedStep | undefined): string {
  if (step === undefined || Number.isNaN(step.status)) return 'it did not end in time';
  return `exit status ${step.status}, ${step.stderr.trim().slice(-300) || 'nothing on standard error'}`;
}

/** The findings, from the checks of `test`, as `tcpclose claims` finds them; null if it printed none. */
export async function claimsOf(tried: Tried): Promise<ClaimsDocument | null> {
  const suite = suiteOf(tried);
  if (suite === null) return null;
  const all = await Promise.all(catalogue().map(loadEntry));
  const findings = findingsOf(
    all.map(({ name, scenario }) => {
      const run = suite.scenarios.find((one) => one.scenario === name);
      const checks = (run?.checks ?? []).map(
        ({ claims, ...check }) => ({ ...check, bearings: claims }) as Check,
      );
      return { name, scenario, outcome: run === undefined ? undefined : outcomeOf(run), checks };
    }),
  );
  return claimsDocumentOf(findings, suite.environment, {
    host: harmless('guest'),
    kernel: harmless(tried.release),
    settings: {},
  });
}

const statusWhenLate = 124;

/** What `test` printed: if it did not end in time, of the scenarios that had; null if it printed nothing. */
export function suiteOf(tried: Tried): SuiteDocument | null {
  const status = tried.steps.get('test')?.status ?? Number.NaN;
  return [0, 1, 2, statusWhenLate].includes(status) ? printed.test(tried) : null;
}

function outcomeOf({ outcome, reason }: SuiteDocument['scenarios'][number]): Outcome {
  switch (outcome) {
    case 'errored':
      return { state: 'errored', error: new TcpcloseError('elsewhere', reason ?? 'not known') };
    case 'passed':
      return { state: 'passed' };
    case 'failed':
      return { state: 'failed' };
    case 'skipped':
    case 'interrupted':
      return { state: outcome, reason: reason ?? 'not known' };
  }
}

export async function recordOf(tried: Tried): Promise<KernelDocument> {
  const demo = printed.demo(tried);
  const moved = (demo.counters ?? []).flatMap((host) => host.moved);
  return kernelDocumentOf({
    version: tried.kernel.version,
    origin: tried.kernel.origin,
    matrix: printed.matrix(tried),
    claims: await claimsOf(tried),
    suite: suiteOf(tried),
    demo: {
      scenario: demo.scenario,
      outcome: demo.outcome,
      checks: demo.checks.length,
      moved: Object.fromEntries(moved.map(({ name, by }) => [name, by])),
    },
    counters: [...parseCounters(tried.counters).keys()].sort(),
  });
}

/**
 * The kept record of that kernel with what was tried again in it: the outcomes of these scenarios, and the findings of the claims that they
 * alone decide.
 */
export async function renewedRecord(tried: Tried): Promise<KernelDocument> {
  const kept = readKnownKernel(tried.kernel.version);
  const [suite, claims] = [suiteOf(tried), await claimsOf(tried)];
  if (kept?.environment.kernel !== tried.release || suite === null || claims === null)
    throw new Error(`there is no record of Linux ${tried.release} to renew: run it without --again`);
  const again = new Set(suite.scenarios.map(({ scenario }) => scenario));
  const all = await Promise.all(catalogue().map(loadEntry));
  const decidedBy = (names: (name: string) => boolean) =>
    new Set<string>(all.filter(({ name }) => names(name)).flatMap(({ scenario }) => scenario.decides));
  const [theirs, others] = [decidedBy((name) => again.has(name)), decidedBy((name) => !again.has(name))];
  const isRenewed = ({ id }: KeptFinding) => {
    const [claim = ''] = id.split('/');
    return theirs.has(claim) && !others.has(claim);
  };
  const renewed = new Map(keptFindings(claims).map((one) => [one.id, one]));
  return {
    ...kept,
    claims: kept.claims.map((one) => (isRenewed(one) ? (renewed.get(one.id) ?? one) : one)),
    scenarios: kept.scenarios.map(
      (one) => keptOutcomes(suite).find(({ scenario }) => scenario === one.scenario) ?? one,
    ),
  };
}

/** A line for each finding, outcome and row of cells, so that a change shows as one. */
export function writeRecord(record: KernelDocument): string {
  const path = `kernels/${record.version}.json`;
  writeFileSync(path, textOf(record));
  return path;
}

export function textOf(record: KernelDocument): string {
  const fields = Object.entries(record).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${linesOf(value)}`,
  );
  return `{\n${fields.join(',\n')}\n}\n`;
}

function linesOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((one) => JSON.stringify(one))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${JSON.stringify(one)}`);
  const [open, close] = isList ? '[]' : '{}';
  return items.length === 0 ? `${open}${close}` : `${open}\n    ${items.join(',\n    ')}\n  ${close}`;
}
