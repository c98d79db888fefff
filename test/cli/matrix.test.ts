import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shownMatrix } from '../../build/front-door.ts';
import { type MatrixDocument, matrixDiffOf } from '../../src/report/documents/matrix.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { type Finished, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Cell {
  readonly remains: string;
  readonly old: string;
  readonly new: string;
  readonly addresses: { name: string };
  readonly observedState: string;
  readonly bind: string;
  readonly listen: string | null;
}

// Another user reads what is saved here.
const folder = temporaryFolder('matrix', 0o755);
const saved = join(folder, 'saved.json');
let finished: Finished;
let document: { schemaVersion: number; cells: Cell[] };

/** Measures once, and reports in all these ways: the text on standard output, the others in files beside the one given. */
function measure(file: string, ...options: readonly string[]): Promise<Finished> {
  const reporters = ['text', `json:${file}`, `tap:${file}.tap`].flatMap((name) => ['--reporter', name]);
  return tcpclose(['matrix', ...options, ...reporters]);
}

const read = (file: string) => readFileSync(file, 'utf8');

beforeAll(async () => {
  finished = await measure(saved);
  document = JSON.parse(read(saved));
});

/** Linux's rule for two sockets whose addresses overlap (inet_bind_conflict). */
function passes({ remains, old, new: to }: Cell): boolean {
  const has = (name: string, option: 'addr' | 'port') => name === option || name === 'both';
  const bothAddress = has(old, 'addr') && has(to, 'addr') && remains !== 'LISTEN';
  const bothPort = has(old, 'port') && has(to, 'port');
  return remains === 'nothing' || bothAddress || bothPort;
}

const apart = ['two specific', 'IPv6 only over IPv4', 'IPv4 over IPv6 only'];

describe('the bind truth table', () => {
  test('has over 1,400 cells, and each was checked before its bind', () => {
    expect(schemaErrors('matrix', document)).toEqual([]);
    expect(document.cells.length).toBeGreaterThan(1400);
    expect(document.cells.filter(({ remains, observedState }) => remains !== observedState)).toEqual([]);
    const keys = document.cells.map((cell) => [cell.remains, cell.old, cell.new, cell.addresses.name].join());
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("keeps to the kernel's rule", () => {
    const strays = document.cells.filter(
      (cell) => (cell.bind === 'ok') !== (apart.includes(cell.addresses.name) || passes(cell)),
    );
    expect(strays).toEqual([]);
    expect(new Set(document.cells.map(({ bind }) => bind))).toEqual(new Set(['ok', 'EADDRINUSE']));
  });

  test('is the one of which README.md shows a picture', () => {
    const { differences } = matrixDiffOf(shownMatrix(), document as unknown as MatrixDocument);
    // Without IPv6 some cells are not measured.
    expect(differences.filter(({ now }) => now !== 'not measured')).toEqual([]);
  });

  test('distinguishes listen from bind', () => {
    expect(document.cells.every(({ bind, listen }) => (bind === 'ok') === (listen !== null))).toBe(true);
  });

  test('comes out the same for a user without rights', unless(noRoot), async () => {
    const { stdout, status } = await tcpclose(['matrix', '--diff', saved], { prefix: asNobody });
    expect(stdout).toMatch(/^0 of \d+ cells differ/);
    expect(status).toBe(0);
  });

  test('a cell that differs is shown, and fails nothing', async () => {
    const changed = structuredClone(document);
    const cell = changed.cells.find(
      ({ remains, bind }) => remains === 'TIME_WAIT' && bind === 'EADDRINUSE',
    ) as { bind: string };
    cell.bind = 'EACCES';
    const file = join(folder, 'changed.json');
    writeFileSync(file, JSON.stringify(changed));
    const differing = join(folder, 'differing.json');
    const { stdout, status } = await measure(differing, '--diff', file);
    expect(stdout).toMatch(
      /^TIME_WAIT, old none, new none, same: bind EACCES before, bind EADDRINUSE now\n1 of/,
    );
    expect(status).toBe(0);
    expect(schemaErrors('matrix', JSON.parse(read(differing)))).toEqual([]);
    const tap = read(`${differing}.tap`);
    expect(tap).not.toMatch(/^not ok/m);
    expect(tap).toMatch(
      /^ok \d+ - TIME_WAIT, old none, new none, same\n.*\n.*\n {2}differs: "bind EACCES before, bind EADDRINUSE now"$/m,
    );
  });

  test('is a case for each cell in CI, and no errno makes a case fail', () => {
    const tap = read(`${saved}.tap`);
    expect(tap).toContain(`\n1..${document.cells.length}\n`);
    expect(tap.match(/^ok /gm)).toHaveLength(document.cells.length);
    expect(tap).toMatch(/^ok \d+ - TIME_WAIT, old none, new none, same\n {2}---\n {2}bind: "EADDRINUSE"\n/m);
    expect(finished.status).toBe(0);
  });

  test('is a table of 80 columns', () => {
    const { stdout, status } = finished;
    expect(stdout).toMatch(/TIME_WAIT +· · · · +· ✔ · ✔ +· · ✔ ✔ +· ✔ ✔ ✔\n/);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    expect(status).toBe(0);
  });

  test.each(['/no/such/file', '/etc/hostname'])('--diff %s is refused in one line', async (file) => {
    const { stdout, stderr, status } = await tcpclose(['matrix', '--diff', file]);
    expect(stderr).toMatch(/^tcpclose: [^\n]+matrix --json[^\n]+\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});
