import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { descendantsOf } from '../../src/observe/processes.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program, readProc, tcpclose } from '../support/program.ts';
import { bindOnly, closeDescriptor, somePort, whyNoPortRange } from '../support/sockets.ts';
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
    [['--', 'sh', '-c', 'echo no luck >&2; exit 3'], 'ended with exit status 3', 'its last output is above'],
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
    [['--port', '65536', '--', 'true'], '"65536" is not a port', '1 to 65535'],
    [['--order', 'nobody-first', '--', 'true'], '"nobody-first" is not an order', 'client-first'],
    [['--signal', 'NOPE', '--', 'true'], '"NOPE" is not a signal', 'TERM'],
    [['--cwd', '/no/where', '--', 'true'], '"/no/where" is not a folder', '--cwd'],
    [['--env', 'NAME', '--', 'true'], '"NAME" does not set a variable', 'NAME=value'],
    [['--ready', '(', '--', 'true'], '"(" is not a regular expression', ''],
    [['--request', '@/no/file', '--', 'true'], '"@/no/file" cannot be read', 'another file'],
    [['--timeout', 'soon', '--', 'true'], '"soon" is not a span of time', '30s'],
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

test('megabytes of output are read, and their end is kept', async () => {
  const port = somePort();
  const flood = `process.stdout.write('x'.repeat(3e7) + '\\nthe end\\n'); require('net').createServer((s) => s.resume()).listen(${port})`;
  const { stdout, status } = await tcpclose(['restart', '--json', '--', 'node', '-e', flood]);
  expect(status).toBe(0);
  const { output } = JSON.parse(stdout).runs[0].evidence.secondStart;
  expect(output.length).toBeLessThan(100_000);
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

describe('a server whose first thread has ended is one like any other', () => {
  const server = (port: number, ...args: string[]) => [
    'python3',
    fixture('leaderless.py'),
    `${port}`,
    ...args,
  ];

  test('it is seen, stopped and started again', async () => {
    const port = somePort();
    const { stdout, status } = await tcpclose(['restart', '--json', '--', ...server(port)]);
    expect(JSON.parse(stdout)).toMatchObject({ port, verdict: 'survives' });
    expect(status).toBe(0);
  });

  test('it is not left behind', async () => {
    const port = somePort();
    const args = ['restart', '--stop-timeout', '500ms', '--', ...server(port, 'stubborn')];
    const { stdout } = await tcpclose(args);
    expect(stdout).toContain('signal-ignored');
    expect(() => closeDescriptor(bindOnly({ port }).fd)).not.toThrow();
  });
});

describe('the port can be bound at once when it is over, whatever the server has left on it', () => {
  const options = ['--clients-close', '--clients', '5'];
  const restart = (port: number) => ['restart', ...options, '--', 'python3', fixture('plain.py'), `${port}`];

  test('if nothing else goes on', async () => {
    const port = somePort();
    // The second time its first start would fail if anything was left.
    for (const { stdout, stderr } of [await tcpclose(restart(port)), await tcpclose(restart(port))]) {
      expect(stderr).toBe('');
      expect(stdout).toContain('no-reuse-address');
    }
  });

  test("where others have connections from its clients' ports", async (context) => {
    const why = (await whyUnmet('namespace')) ?? whyNoPortRange();
    if (why !== null) return context.skip(why);
    const prepare =
      'ip link set lo up || ifconfig lo up; echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range; exec "$@"';
    const own = ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c', prepare, 'sh'];
    const crowded = [process.execPath, join(import.meta.dirname, '../fixtures/crowded.cjs')];
    const twice = ['sh', '-c', '"$@"; "$@"', 'sh'];
    const { stdout, stderr } = await tcpclose(restart(8000), { prefix: [...own, ...crowded, ...twice] });
    expect(stderr).toBe('');
    expect(stdout.match(/: no-reuse-address\n/g)).toHaveLength(2);
  });
});

describe('nothing is left of the command and its children', () => {
  const server = fixture('graceful.cjs');
  const script = (port: number) =>
    `trap '' TERM; node ${server} ${port} & node ${server} ${somePort()} & wait; wait`;
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('after %s', async (signal, expected) => {
    for (const ms of [100, 300, 600, 1000, 1500]) {
      const port = somePort();
      const options = ['--port', `${port}`, '--stop-timeout', '10s'];
      const program = new Program(['restart', ...options, '--', 'sh', '-c', script(port)]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      program.child.kill(signal);
      const { status } = await program.finished();
      // Before it listens to signals it dies of them.
      expect([expected, null]).toContain(status);
      expect(await program.leftAfter(2000)).toEqual([]);
    }
  });
});

test('reporters write files for CI beside the text', async () => {
  const port = somePort();
  const files = ['junit', 'tap', 'ndjson'].flatMap((name) => ['--reporter', `${name}:${folder}/${name}`]);
  const reporters = [...files, '--reporter', 'github'];
  const command = ['python3', fixture('plain.py'), `${port}`];
  const { stdout, status } = await tcpclose(['restart', ...reporters, '--', ...command]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^::error title=tcpclose restart%3A SIGTERM[^\n]*::no-reuse-address: [^\n]*\n$/);
  const { readFileSync } = await import('node:fs');
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

test('a command that kills its supervisor and the guard of that is still ended', async () => {
  const port = somePort();
  const server = `
    const { ppid } = process;
    const stat = require('fs').readFileSync('/proc/' + ppid + '/stat', 'utf8');
    const guard = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    require('net').createServer().listen(${port});
    setTimeout(() => { for (const pid of [guard, ppid]) process.kill(pid, 'SIGSTOP'); }, 200);
    setTimeout(() => { for (const pid of [guard, ppid]) process.kill(pid, 'SIGKILL'); }, 300);`;
  const program = new Program(['restart', '--', process.execPath, '-e', server]);
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

test('a supervisor that hangs in its own start is not waited for without end', async () => {
  const program = new Program(['restart', '--', 'true']);
  const { pid = 0 } = program.child;
  let supervisor: { readonly pid: number } | undefined;
  await until('the supervisor', () => {
    // Stopped before its execve(2) it would hold up the very fork of its parent.
    supervisor = descendantsOf(pid).find((child) => readProc(`${child.pid}/cmdline`).includes('supervisor'));
    return supervisor !== undefined;
  });
  process.kill(supervisor?.pid ?? pid, 'SIGSTOP');
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]*could not start[^\n]+\n$/);
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

test('an expression for --ready that never comes to an end is named long before --timeout', async () => {
  const server = `require('net').createServer().listen(${somePort()}, () => console.log('${'a'.repeat(50)}!'))`;
  const args = ['restart', '--timeout', '300s', '--ready', '(a+)+$', '--', process.execPath, '-e', server];
  const program = new Program(args);
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]*--ready "\(a\+\)\+\$" takes more than 1 s [^\n]+\n$/);
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

  test('of several rounds it reports how many there were', async () => {
    const file = join(folder, randomUUID());
    const program = new Program(['restart', '--rounds', '1000', '--', ...counting(file)]);
    await until('the third round', () => starts(file) > 4);
    program.child.kill('SIGINT');
    const { stdout, status } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toMatch(/\n {2}interrupted \(SIGINT\) after [23] of 1000 rounds\n/);
  });
});

test('descriptors that run out are not blamed on the port', async () => {
  const prefix = ['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh'];
  const command = ['node', fixture('plain.cjs'), `${somePort()}`];
  const { stderr, status } = await tcpclose(['restart', '--clients', '100', '--', ...command], { prefix });
  expect(stderr).toMatch(
    /^tcpclose: client \d+ of 100 cannot connect, .* \(EMFILE\): raise the limit with "ulimit -n"/,
  );
  expect(status).toBe(2);
});
