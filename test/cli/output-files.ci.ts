import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { isRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const withoutNamespace = await whyUnmet('namespace');
const folder = temporaryFolder('output-files');

const oneLine = /^tcpclose: [^\n]+\n$/;

describe('on a disk of 4096 bytes, of which a part of the text fits', unless(withoutNamespace), () => {
  const unshare = ['unshare', '--mount', ...(isRoot ? [] : ['--user', '--map-root-user'])];
  // What is there at the end is printed behind a line of its own.
  const script = (redirection: string) =>
    `mount -t tmpfs -o size=4k small /mnt && cd /mnt && { "$@" ${redirection}; echo "status $?"; find . -type f -printf "%P\\n"; } >&3 3>&1`;
  const onSmallDisk = (args: readonly string[], redirection = '>&2') =>
    tcpclose(args, { prefix: [...unshare, 'sh', '-c', `{ ${script(redirection)}; } 3>&1`, 'sh'] });

  test('a report that does not fit is an error, and no half of it stays', async () => {
    const { stdout, stderr } = await onSmallDisk(
      ['test', 'order', 'states', '--reporter', 'json:x.json'],
      '',
    );
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('"x.json" cannot be written (ENOSPC');
    expect(stdout).toMatch(/status 2\n$/);
  });

  test('nor of a capture', async () => {
    const { stdout, stderr } = await onSmallDisk(
      ['demo', 'server-first', '--clients', '20', '--pcap', 'x'],
      '>/dev/null',
    );
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('"x" cannot be written (ENOSPC');
    expect(stdout).toBe('status 2\n');
  });

  test('nor of a file of init, which the next one would keep', async () => {
    const { stdout, stderr } = await onSmallDisk(['init'], '>/dev/null');
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(/cannot write \S+ \(ENOSPC/);
    // What fits is whole.
    const [, unwritten = ''] = /cannot write (\S+)/.exec(stderr) ?? [];
    expect(stdout).toMatch(/^status 2\n/);
    expect(stdout).not.toContain(`${unwritten}\n`);
  });

  test('nor of the evidence of a claim', async () => {
    const { stdout, stderr } = await onSmallDisk(['claims', 'C02', '--evidence', 'evidence'], '>/dev/null');
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('"evidence" cannot be written (ENOSPC');
    expect(stdout).toBe('status 2\n');
  });

  test('a document on standard output that does not fit is an error', async () => {
    const { stdout, stderr } = await onSmallDisk(['demo', 'client-first', '--json'], '>x.json');
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('the output cannot be written (ENOSPC');
    expect(stdout).toMatch(/^status 2\n/);
  });
});

describe('a report that is not written', () => {
  test('leaves no file, even where an earlier run left one', async () => {
    const file = join(folder, 'never.json');
    writeFileSync(file, 'of an earlier run');
    const { status } = await tcpclose(['restart', '--reporter', `json:${file}`, '--', 'true']);
    expect(status).toBe(2);
    expect(existsSync(file)).toBe(false);
  });

  test('leaves a link where it was, and nothing in the file behind it', async () => {
    const target = join(folder, 'target.xml');
    const link = join(folder, 'link.xml');
    writeFileSync(target, 'of an earlier run');
    symlinkSync(target, link);
    await tcpclose(['restart', '--reporter', `json:${link}`, '--', 'true']);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['link.xml', 'target.xml']));
    expect(statSync(target).size).toBe(0);
  });

  test('leaves a device as it is', async () => {
    await tcpclose(['restart', '--reporter', 'junit:/dev/null', '--', 'true']);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

test('a junit file of a command that never listens holds the error', async () => {
  const file = join(folder, 'error.xml');
  const script = 'echo no module named server >&2; exit 3';
  const args = ['restart', '--reporter', `junit:${file}`, '--', 'sh', '-c', script];
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^no module named server\ntcpclose: [^\n]+\n$/);
  expect(status).toBe(2);
  const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(readFileSync(file, 'utf8'));
  expect(testsuites).toMatchObject({ '@_name': 'tcpclose restart', '@_tests': '1', '@_errors': '1' });
  const { error } = testsuites.testsuite.testcase;
  expect(`tcpclose: ${error['@_message']}`).toBe(stderr.trimEnd().split('\n').at(-1));
  expect(error['#text']).toContain('no module named server');
  expect(Number(testsuites.testsuite.testcase['@_time'])).toBeGreaterThan(0);
});

test('a report to /dev/stdout goes behind what is there', async () => {
  const file = join(folder, 'all.txt');
  writeFileSync(file, 'before\n');
  const prefix = ['sh', '-c', `"$@" >>"${file}"`, 'sh'];
  const { stderr, status } = await tcpclose(['test', 'client-first', '--reporter', 'tap:/dev/stdout'], {
    prefix,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(readFileSync(file, 'utf8')).toMatch(/^before\n(.*\n)*ok 1/);
});

test.each([
  ['--json', '--output', '-'],
  ['--reporter', 'json:-'],
])('- is standard output: %s %s %s', async (...options) => {
  const { stdout, status } = await tcpclose(['explain', 'TIME_WAIT', ...options.filter(Boolean)]);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'TIME_WAIT' });
  expect(status).toBe(0);
});
