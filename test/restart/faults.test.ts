import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { testNothingIsLeft } from '../support/killed-restarts.ts';
import { Program, tcpclose } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-restart');

const fixture = (name: string) => join(import.meta.dirname, '../fixtures/servers', name);
const daemonPort = somePort();
const twoPorts =
  "const { createServer } = require('net'); createServer().listen(0); createServer().listen(0)";

describe.concurrent('what cannot be tried is an error with status 2', () => {
  test.each([
    [['--', 'no-such-command'], '"no-such-command" was not found', 'PATH'],
    [['--', '/etc/passwd'], '"/etc/passwd" may not be executed', ''],
    [['--', 'true'], 'ended with exit status 0 before it listened', 'printed nothing'],
    [['--', 'sh', '-c', 'echo no luck >&2; exit 3'], 'ended with exit status 3', 'see its last output'],
    [['--', 'sh', '-c', 'kill -9 $$'], 'ended with SIGKILL', ''],
    [['--timeout', '500ms', '--', 'sleep', '60'], 'did not listen within 500 ms', '--timeout'],
    [['--', 'node', '-e', twoPorts], 'the command listens on ', 'choose one, such as --port'],
    [
      ['--', 'sh', '-c', `python3 ${fixture('daemon.py')} ${somePort()}`],
      'went into the background',
      '--pid-file',
    ],
    [
      ['--port', `${daemonPort}`, '--', 'sh', '-c', `python3 ${fixture('daemon.py')} ${daemonPort}`],
      'went into the background',
      '--pid-file',
    ],
    [
      ['--', 'sh', '-c', `python3 ${fixture('daemon.py')} ${somePort()}; exit 3`],
      'ended with exit status 3, and a process that it left still runs and listens on',
      '--pid-file',
    ],
    [
      ['--', 'sh', '-c', `(sleep 0.5; exec python3 ${fixture('daemon.py')} ${somePort()}) & exit 3`],
      'ended with exit status 3, and a process that it left still runs and listens on',
      '--pid-file',
    ],
    [
      ['--', 'sh', '-c', 'sleep 0.5 & exit 3'],
      'ended with exit status 3 before it listened',
      'printed nothing',
    ],
    [['--', 'sh', '-c', 'sleep 60 & exit 3'], 'and a process that it left still runs, where', '--pid-file'],
    [['--port', '65536', '--', 'true'], '"65536" is not a port', '1 to 65535'],
    [['--order', 'nobody-first', '--', 'true'], '"nobody-first" is not an order', 'client-first'],
    [['--signal', 'NOPE', '--', 'true'], '"NOPE" is not a signal', 'TERM'],
    [['--cwd', '/no/where', '--', 'true'], '"/no/where" is not a folder', '--cwd'],
    [['--env', 'NAME', '--', 'true'], '"NAME" does not set a variable', 'NAME=value'],
    [['--ready', '(', '--', 'true'], '"(" is not a regular expression', ''],
    [['--request', '@/no/file', '--', 'true'], '"@/no/file" cannot be read', 'another file'],
    [['--timeout', 'soon', '--', 'true'], '"soon" is not a duration', '30s'],
    [['--reporter', 'xml', '--', 'true'], '"xml" is not a reporter', 'junit'],
    [
      ['--json', '--reporter', 'github', '--', 'true'],
      'cannot both write to standard output',
      'github:<file>',
    ],
    [[], 'the command is missing', '--unit'],
  ])('%j', async (args, what, remedy) => {
    const program = new Program(['restart', ...args]);
    const { stdout, stderr, status } = await program.finished();
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(last).toMatch(/^tcpclose: /);
    expect(last).toContain(what);
    expect(last).toContain(remedy);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(await program.leftAfter(1000)).toEqual([]);
  });
});

test('a server that does not act on SIGTERM is named, and is not left behind', async () => {
  const port = somePort();
  const stubborn = `process.on('SIGTERM', () => {}); require('net').createServer((s) => s.resume()).listen(${port})`;
  const program = new Program(['restart', '--stop-timeout', '500ms', '--', 'node', '-e', stubborn]);
  const { stdout, status } = await program.finished();
  expect(stdout).toContain('signal-ignored');
  expect(status).toBe(1);
  expect(await program.leftAfter(1000)).toEqual([]);
});

describe('the port can be bound at once when it is over, whatever the server has left on it', () => {
  const options = ['--clients-close', '--clients', '5'];
  const restart = (port: number) => ['restart', ...options, '--', 'python3', fixture('plain.py'), `${port}`];

  test('if nothing else is running', async () => {
    const port = somePort();
    // The second time its first start would fail if anything was left.
    for (const { stdout, stderr } of [await tcpclose(restart(port)), await tcpclose(restart(port))]) {
      expect(stderr).toBe('');
      expect(stdout).toContain('no-reuse-address');
    }
  });
});

// At more moments in faults.ci.ts.
testNothingIsLeft([600]);

test('reporters write files for CI beside the text', async () => {
  const port = somePort();
  const files = ['junit', 'tap', 'ndjson'].flatMap((name) => ['--reporter', `${name}:${folder}/${name}`]);
  const reporters = [...files, '--reporter', 'github'];
  const command = ['python3', fixture('plain.py'), `${port}`];
  const { stdout, status } = await tcpclose(['restart', ...reporters, '--', ...command]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^::error title=tcpclose restart%3A SIGTERM[^\n]*::no-reuse-address: [^\n]*\n$/);
  const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(
    readFileSync(`${folder}/junit`, 'utf8'),
  );
  const { testcase } = testsuites.testsuite;
  expect(testsuites['@_failures']).toBe('1');
  expect(testcase.failure['@_type']).toBe('no-reuse-address');
  expect(testcase.failure['#text']).toMatch(/\nRemedy: set SO_REUSEADDR [\s\S]*Address already in use/);
  expect(Number(testcase['@_time'])).toBeGreaterThan(0);

  const tap = readFileSync(`${folder}/tap`, 'utf8');
  expect(tap).toMatch(/^TAP version 14\n1\.\.1\nnot ok 1 - SIGTERM[^\n]*\n {2}---\n/);
  expect(tap).toContain('\n  remedy: "set SO_REUSEADDR');
  const lines = readFileSync(`${folder}/ndjson`, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line)).map(({ type, verdict }) => [type, verdict])).toEqual([
    ['run', 'fails'],
    ['finished', 'fails'],
  ]);
});

test('a command that kills its supervisor gives no result, and is ended', async () => {
  const port = somePort();
  const server = `require('net').createServer().listen(${port}); setTimeout(() => process.kill(process.ppid, 'SIGKILL'), 300)`;
  const program = new Program(['restart', '--', process.execPath, '-e', server]);
  const { stdout, stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stdout).toBe('');
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

describe('interrupted by Ctrl-C', () => {
  const starts = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  const counting = (file: string) => [
    ...['sh', '-c', `echo >> ${file}; exec node ${fixture('plain.cjs')} ${somePort()}`],
  ];

  test('it reports what was done, and what was not', async () => {
    const file = join(folder, randomUUID());
    const program = new Program(['restart', '--all', '--json', '--', ...counting(file)]);
    await until('the second way', () => starts(file) > 2);
    program.child.kill('SIGINT');
    const { stdout, status } = await program.finished();
    expect(status).toBe(130);
    const { verdict, runs } = JSON.parse(stdout) as RestartDocument;
    expect(verdict).toBe('not decided');
    expect(runs.map(({ verdict, reason }) => reason ?? verdict)).toEqual([
      'survives',
      'interrupted (SIGINT)',
      'interrupted (SIGINT) before it began',
      'interrupted (SIGINT) before it began',
    ]);
  });
});
