import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { claims } from '../../src/scenario/claims.ts';
import { expectLedger } from '../support/ledger.ts';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('tcpclose claims', () => {
  const junit = join(temporaryFolder('claims'), 'junit.xml');

  test('is a ledger in a document that keeps to its schema, and beside it in a file', async () => {
    const asked = ['C07', 'C45', 'C06', 'C40'];
    const { stdout, status } = await tcpclose(['claims', '--json', '--reporter', `junit:${junit}`, ...asked]);
    expect(status).toBe(0);
    const document = JSON.parse(stdout);
    expectLedger(document, ['C06', 'C07', 'C40', 'C45']);
    expect(document.claims.map(({ finding }: { finding: string }) => finding)).toEqual([
      'holds under',
      'holds',
      'not decided',
      'refuted',
    ]);
  });

  test('prints a ledger of all claims by default', async () => {
    // Nothing is decided in so short a time.
    const { stdout, status } = await tcpclose(['claims', '--json', '--timeout', '1ms']);
    expect(status).toBe(2);
    expectLedger(JSON.parse(stdout), Object.keys(claims));
  });

  test('shows the requested claims, with the observation that decided', async () => {
    const { stdout, status } = await tcpclose(['claims', 'c45', 'C07']);
    expect(status).toBe(0);
    expect(stdout).toContain('C45  After shutdown(SHUT_RD)');
    expect(stdout).toMatch(/it is silently dropped: refuted\n +shut-rd: read, data there: hello/);
    expect(stdout).not.toContain('C46');
    expect(stdout).toMatch(/2 claims: 1 holds, 1 refuted\n$/);
  });

  test('gives a table of Markdown for pasting', async () => {
    const { stdout } = await tcpclose(['claims', 'C45', '--markdown']);
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(5);
    expect(rows[2]).toMatch(/^\| C45 \| .* \| \*\*refuted\*\* \| shut-rd: .* \|$/);
    expect(rows[3]).toMatch(/^\| {2}\| it is acknowledged \| \*\*holds\*\* \| shut-rd: .*: 0 \|$/);
  });

  test('is a case for each claim and part in CI, and no finding makes a case fail', () => {
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(readFileSync(junit, 'utf8'));
    expect(testsuites).toMatchObject({ '@_failures': '0', '@_errors': '0' });
    expect(testsuites.testsuite).toMatchObject({ '@_skipped': '3' });
    const cases: Record<string, string>[] = testsuites.testsuite.testcase;
    const named = (id: string) => cases.find((one) => one['@_name']?.startsWith(`${id}: `));
    expect(named('C06')?.['system-out']).toContain('finding: "holds under"');
    expect(named('C06/new only')?.['system-out']).toContain('finding: "refuted"');
    expect(named('C40')?.['skipped']).toMatchObject({ '@_message': expect.stringContaining('--slow') });
    expect(named('C45')?.['system-out']).toMatch(/^finding: "refuted"\nevidence:\n {2}- scenario: "shut-rd"/);
  });

  test('says why a claim is not decided', async () => {
    const { stdout } = await tcpclose(['claims', 'C40']);
    expect(stdout).toMatch(/not decided\n +its lookups: lookups: slow, because .*--slow/s);
  });

  test('refuses what is not a claim', async () => {
    const { stderr, status } = await tcpclose(['claims', 'C99']);
    expect(stderr).toMatch(/^tcpclose: "C99" is not a claim: choose from C01 to C56\n$/);
    expect(status).toBe(2);
  });
});
