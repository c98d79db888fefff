import { expect } from 'vitest';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import { schemaErrors } from './schema.ts';

/** Expects a ledger of these claims that keeps to its schema: each has the evidence of its finding, or a reason why there is none. */
export function expectLedger(document: ClaimsDocument, ids: readonly string[]): void {
  expect(schemaErrors('claims', document)).toEqual([]);
  expect(document.claims.map(({ id }) => id)).toEqual(ids);
  for (const { id, finding, reason, evidence, scenarios } of document.claims) {
    if (finding === 'not decided') {
      expect(reason, id).toMatch(/\S/);
      continue;
    }
    expect(reason).toBeNull();
    expect(
      evidence.some((one) => one.finding === finding),
      id,
    ).toBe(true);
    expect(evidence.every(({ scenario }) => scenarios.includes(scenario))).toBe(true);
  }
  const c06 = document.claims.find(({ id }) => id === 'C06');
  if (c06?.reason === null) {
    expect(c06).toMatchObject({ finding: 'holds', parts: [{ part: 'new only', finding: 'refuted' }] });
  }
}
