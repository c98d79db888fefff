import { expect } from 'vitest';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import { schemaErrors } from './schema.ts';

/** Expects a ledger of these claims that keeps to its schema: each has the evidence of its finding, or a reason why there is none. */
export function expectLedger(document: ClaimsDocument, ids: readonly string[]): void {
  expect(schemaErrors('claims', document)).toEqual([]);
  expect(document.claims.map(({ id }) => id)).toEqual(ids);
  for (const { id, finding, reason, evidence, scenarios, parts } of document.claims) {
    if (finding === 'not decided') {
      expect(reason, id).toMatch(/\S/);
      continue;
    }
    expect(reason).toBeNull();
    const said = finding === 'holds under' ? 'holds' : finding;
    expect(
      evidence.some((one) => one.finding === said),
      id,
    ).toBe(true);
    // A claim of several parts says what they say together.
    if (parts.length > 0)
      expect(finding === 'refuted', id).toBe(parts.some((part) => part.finding === 'refuted'));
    expect(evidence.every(({ scenario }) => scenarios.includes(scenario))).toBe(true);
  }
  const c06 = document.claims.find(({ id }) => id === 'C06');
  if (c06?.reason === null) {
    expect(c06).toMatchObject({
      ...{ finding: 'holds under', under: 'SO_REUSEADDR on at both servers' },
      cases: [{ part: 'new only', finding: 'refuted' }],
    });
  }
}
