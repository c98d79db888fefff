import { describe, expect, test } from 'vitest';
import { claims } from '../../src/scenario/claims.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';

interface Claim {
  readonly id: string;
  readonly finding: string;
  readonly reason: string | null;
  readonly scenarios: string[];
  readonly evidence: { scenario: string; finding: string }[];
  readonly parts: { part: string; finding: string }[];
}

describe('tcpclose claims', () => {
  test('is a ledger of all claims in a document that keeps to its schema', async () => {
    const { stdout, status } = await tcpclose(['claims', '--json']);
    const document = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(schemaErrors('claims', document)).toEqual([]);
    const ledger: Claim[] = document.claims;
    expect(ledger.map(({ id }) => id)).toEqual(Object.keys(claims));
    for (const { id, finding, reason, evidence, scenarios } of ledger) {
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
    const c06 = ledger.find(({ id }) => id === 'C06');
    expect(c06).toMatchObject({ finding: 'holds', parts: [{ part: 'new only', finding: 'refuted' }] });
  });

  test('shows the claims that are asked for, with the observation that decided', async () => {
    const { stdout, status } = await tcpclose(['claims', 'c45', 'C07']);
    expect(status).toBe(0);
    expect(stdout).toContain('C45  After shutdown(SHUT_RD)');
    expect(stdout).toMatch(/refuted\n +shut-rd: read, data there: hello/);
    expect(stdout).not.toContain('C46');
    expect(stdout).toMatch(/2 claims: 1 holds, 1 refuted\n$/);
  });

  test('gives a table of Markdown for pasting', async () => {
    const { stdout } = await tcpclose(['claims', 'C45', '--markdown']);
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatch(/^\| C45 \| .* \| \*\*refuted\*\* \| shut-rd: .* \|$/);
  });

  test('says why a claim is not decided', async () => {
    const { stdout } = await tcpclose(['claims', 'C40']);
    expect(stdout).toMatch(/not decided\n +lookups: slow, because .*--slow/s);
  });

  test('refuses what is no claim', async () => {
    const { stderr, status } = await tcpclose(['claims', 'C99']);
    expect(stderr).toMatch(/^tcpclose: "C99" is not a claim: choose from C01 to C56\n$/);
    expect(status).toBe(2);
  });
});
