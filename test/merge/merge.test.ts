import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AuditDocument } from '../../src/report/documents/audit.ts';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import type { MergeDocument } from '../../src/report/documents/merge.ts';
import { harmIn, harmInJson, hostileText } from '../support/hostile.ts';
import { programPath, readProc, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('merge');

let ledger: ClaimsDocument;
let audit: AuditDocument;
beforeAll(async () => {
  const documents = await Promise.all([
    tcpclose(['claims', 'C46', 'C45', '--json']),
    tcpclose(['audit', '--for', '0', '--port', '1', '--json']),
  ]);
  [ledger, audit] = documents.map(({ stdout }) => JSON.parse(stdout)) as [ClaimsDocument, AuditDocument];
});

function save(name: string, document: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof document === 'string' ? document : `${JSON.stringify(document, null, 2)}\n`);
  return file;
}

async function merged(...args: readonly string[]): Promise<MergeDocument> {
  const { stdout, stderr, status } = await tcpclose(['merge', '--json', ...args]);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const document = JSON.parse(stdout) as MergeDocument;
  expect(schemaErrors('merge', document)).toEqual([]);
  return document;
}

/** An audit of another machine, on which CLOSE_WAIT leaks. */
function leaking(host: string, kernel: string, count: number): object {
  const finding = { kind: 'close-wait', severity: 'wrong', what: 'leaks', count };
  const machine = { ...audit.machine, host, kernel };
  return { ...audit, machine, verdict: 'wrong', findings: [finding] };
}

describe('merge', () => {
  test('has the host, the kernel and the settings of real documents', async () => {
    const document = await merged(save('a.json', ledger), save('b.json', audit));
    expect(document).toMatchObject({ audits: 1, ledgers: 1, kernels: [{ kernel: release(), documents: 2 }] });
    const timeout = document.settings.find(({ name }) => name === 'net.ipv4.tcp_fin_timeout');
    const value = readProc('sys/net/ipv4/tcp_fin_timeout').trim();
    expect(timeout?.values).toEqual([{ value, count: 2, first: [hostname(), hostname()] }]);
    const found = ledger.claims.map(({ id, finding }) => [id, [finding]]);
    expect(document.claims.map(({ id, findings }) => [id, findings.map(({ value }) => value)])).toEqual(
      found,
    );
  });

  test('names the hosts that differ, by kernel', async () => {
    const files = ['one', 'two', 'three'].map((host, i) => {
      const claims = ledger.claims.map((claim) => (i === 2 ? { ...claim, finding: 'refuted' } : claim));
      const kernel = i === 2 ? '5.10.0' : '6.1.0';
      return save(`${host}.json`, { ...ledger, claims, machine: { ...ledger.machine, host, kernel } });
    });
    const { claims, kernels } = await merged(...files);
    expect(kernels).toEqual([
      { kernel: '6.1.0', documents: 2 },
      { kernel: '5.10.0', documents: 1 },
    ]);
    const usual = ledger.claims.find(({ id }) => id === 'C46')?.finding;
    expect(claims.find(({ id }) => id === 'C46')).toMatchObject({
      findings: [
        { value: usual, count: 2, first: ['one', 'two'] },
        { value: 'refuted', count: 1, first: ['three'] },
      ],
      kernels: [
        { kernel: '5.10.0', findings: [{ value: 'refuted', count: 1 }] },
        { kernel: '6.1.0', findings: [{ value: usual, count: 2 }] },
      ],
    });
  });

  test('has the median and the largest of what is wrong, from one file with a line for each', async () => {
    const counts = [7, 1, 900, 3, 5];
    const lines = counts.map((count, i) =>
      JSON.stringify(leaking(`host-${i}`, i < 2 ? '5.10.0' : '6.1.0', count)),
    );
    const { findings, audits } = await merged(
      save('all.ndjson', `${[...lines, JSON.stringify(audit)].join('\n')}\n`),
    );
    expect(audits).toBe(6);
    expect(findings.find(({ kind }) => kind === 'close-wait')).toMatchObject({
      wrong: 5,
      median: 5,
      largest: [{ host: 'host-2', count: 900 }, { count: 7 }, { count: 5 }, { count: 3 }, { count: 1 }],
      kernels: expect.arrayContaining([
        { kernel: '5.10.0', wrong: 2, of: 2 },
        { kernel: '6.1.0', wrong: 3, of: 3 },
      ]),
    });
  });

  test('reads standard input, and names hosts by their files', async () => {
    const input = `${JSON.stringify(leaking('a', 'k', 1))}\n${JSON.stringify(leaking('b', 'k', 2))}\n`;
    const { stdout, status } = spawnSync(process.execPath, [programPath, 'merge', '-', '--json'], {
      input,
      encoding: 'utf8',
    });
    expect([JSON.parse(stdout).audits, status]).toEqual([2, 0]);
    const { findings } = await merged('--by-file', save('pod-7.json', leaking('localhost', 'k', 4)));
    expect(findings[0]?.largest).toEqual([{ host: 'pod-7', count: 4 }]);
  });

  test('unreadable files are named, and the status shows that the report is incomplete', async () => {
    const good = save('good.json', audit);
    const bad = [
      save('broken.json', '{"schemaVersion": 1,'),
      save('other.json', { schemaVersion: 1 }),
      join(folder, 'none'),
    ];
    const { stdout, status } = await tcpclose(['merge', '--json', good, ...bad]);
    const { audits, unread } = JSON.parse(stdout) as MergeDocument;
    expect([audits, unread.count, status]).toEqual([1, 3, 2]);
    expect(unread.first.map(({ from }) => from)).toEqual(bad);
    expect(unread.first.map(({ reason }) => reason)).toEqual([
      'it is not JSON',
      'it is not a document of "tcpclose audit --json" or "tcpclose claims --json"',
      expect.stringContaining('ENOENT'),
    ]);
  });

  test('without a document there is nothing to merge: one line, status 2', async () => {
    const { stdout, stderr, status } = await tcpclose(['merge', save('empty.json', 'x')]);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toMatch(/^tcpclose: no document to merge: .*empty\.json: it is not JSON\n$/);
  });

  test('text from other hosts is made harmless', async () => {
    const finding = { kind: hostileText, severity: 'wrong', what: '', count: 1 };
    const machine = { host: hostileText, kernel: hostileText, settings: { [hostileText]: hostileText } };
    const file = save('hostile.json', { ...audit, machine, findings: [finding] });
    const [text, json] = await Promise.all([tcpclose(['merge', file]), tcpclose(['merge', '--json', file])]);
    expect(harmIn(text.stdout)).toEqual([]);
    expect(harmInJson(json.stdout)).toEqual([]);
  });
});
