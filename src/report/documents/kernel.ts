/** What tcpclose found on a known kernel, kept for comparison: `kernels/<version>.json` of the package. */
import * as v from 'valibot';
import { groupBy } from '../../group.ts';
import { addressCases, type CellGroup, cellGroups, optionNames } from '../../matrix/cells.ts';
import { findingInWords } from '../claims/decisive.ts';
import type { ClaimsDocument } from './claims.ts';
import { type MatrixDocument, matrixDocument } from './matrix.ts';
import { type DocumentOf, outcome, schemaVersion } from './parts.ts';
import type { SuiteDocument } from './suite.ts';

const found = {
  finding: v.pipe(v.string(), v.description('in words: "holds under tcp_rfc1337=1"')),
  reason: v.optional(v.pipe(v.string(), v.description('why it is not decided'))),
};

export const kernelDocument = v.object({
  schemaVersion,
  version: v.pipe(v.string(), v.description('as it is asked for: "6.1"')),
  origin: v.pipe(v.string(), v.description('what it was run as')),
  environment: matrixDocument.entries.environment,
  settings: v.record(v.string(), v.string()),
  claims: v.array(
    v.object({ id: v.pipe(v.string(), v.description('C06, or C06/new only for a part')), ...found }),
  ),
  scenarios: v.array(v.object({ scenario: v.string(), outcome, reason: v.optional(v.string()) })),
  demo: v.object({
    scenario: v.string(),
    outcome,
    checks: v.number(),
    moved: v.record(v.string(), v.number()),
  }),
  counters: v.pipe(v.array(v.string()), v.description('those of Tcp and TcpExt that it has')),
  cells: v.pipe(
    v.record(v.string(), v.array(v.string())),
    v.description(
      'of the table of binds, by what remains: the results of a new socket without options, with SO_REUSEADDR, ...',
    ),
  ),
});

export type KernelDocument = DocumentOf<typeof kernelDocument>;
export type KeptFinding = KernelDocument['claims'][number];

interface Parts extends Pick<KernelDocument, 'version' | 'origin' | 'demo' | 'counters'> {
  readonly matrix: MatrixDocument;
  /** null if `claims` did not finish on that kernel. */
  readonly claims: ClaimsDocument | null;
  readonly suite: SuiteDocument | null;
}

export function kernelDocumentOf({
  version,
  origin,
  matrix,
  claims,
  suite,
  demo,
  counters,
}: Parts): KernelDocument {
  return {
    schemaVersion: 1,
    version,
    origin,
    environment: matrix.environment,
    settings: claims?.machine.settings ?? {},
    claims: claims === null ? [] : keptFindings(claims),
    scenarios: suite === null ? [] : keptOutcomes(suite),
    demo,
    counters,
    cells: keptCells(matrix),
  };
}

/** The outcomes of scenarios, by name. */
export function keptOutcomes({ scenarios }: SuiteDocument): KernelDocument['scenarios'] {
  return scenarios
    .map(({ scenario, outcome, reason }) => ({ scenario, outcome, ...(reason === null ? {} : { reason }) }))
    .sort((a, b) => a.scenario.localeCompare(b.scenario));
}

/** The findings of claims, their parts and cases, as a flat list. */
export function keptFindings({ claims }: Pick<ClaimsDocument, 'claims'>): KeptFinding[] {
  const kept = (
    id: string,
    { reason, ...entry }: Omit<ClaimsDocument['claims'][number]['parts'][number], 'part' | 'text'>,
  ) => ({
    id,
    finding: findingInWords(entry),
    ...(reason === null ? {} : { reason }),
  });
  return claims.flatMap((claim) => [
    kept(claim.id, claim),
    ...[...claim.parts, ...claim.cases].map((part) => kept(`${claim.id}/${part.part}`, part)),
  ]);
}

function keptCells({ cells }: MatrixDocument): Record<string, string[]> {
  const groups = [...groupBy(cells, groupName)];
  return Object.fromEntries(groups.map(([name, own]) => [name, own.map(resultOf)]));
}

/** The table of binds as it was measured on that kernel. */
export function matrixOf({
  environment,
  cells,
}: Pick<KernelDocument, 'environment' | 'cells'>): MatrixDocument {
  const measured = cellGroups(addressCases).flatMap((group) =>
    (cells[groupName(group)] ?? []).map((text, i) => ({
      ...group,
      new: optionNames[i] ?? 'none',
      observedState: group.remains,
      ...parseResult(text),
    })),
  );
  return { schemaVersion: 1, environment, cells: measured };
}

function groupName({ remains, old, addresses }: CellGroup): string {
  return `${remains}, old ${old}, ${addresses.name}`;
}

function resultOf({ bind, listen }: MatrixDocument['cells'][number]): string {
  if (bind !== 'ok') return bind;
  return listen === 'ok' ? 'ok' : `ok, listen ${listen}`;
}

function parseResult(text: string): { readonly bind: string; readonly listen: string | null } {
  const [bind = '', listen] = text.split(', listen ');
  if (bind !== 'ok') return { bind, listen: null };
  return { bind, listen: listen ?? 'ok' };
}
