import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observerNames } from '../../src/observe/observers.ts';
import { installed } from '../support/machine.ts';
import { type Finished, Program, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Check {
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly verdict: string;
  readonly raw: string | null;
}

async function document(args: readonly string[]) {
  const { stdout, status } = await tcpclose(['demo', ...args, '--json']);
  return { status, ...JSON.parse(stdout) };
}

const folder = temporaryFolder('demo');
const runs = { 'server-first': ['server-first'], contradicted: ['server-first', '--without', 'kill'] };
const finished = new Map<string, Promise<Finished>>();

/** Runs it once for all tests, with the transcript on standard output and the document in a file. */
async function both(name: keyof typeof runs) {
  const file = join(folder, name);
  const args = ['demo', ...runs[name], '--reporter', 'text', '--reporter', `json:${file}`];
  const running = finished.get(name) ?? tcpclose(args);
  finished.set(name, running);
  return { ...(await running), written: JSON.parse(readFileSync(file, 'utf8')) };
}

const escapeCharacter = String.fromCharCode(27);

describe('the transcript', () => {
  test('prints every check with what was expected and what was observed, without control characters and in 80 columns', async () => {
    const { stdout, stderr, status } = await both('server-first');
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/16 of 16 as expected; the run took [\d.]+ m?s\n$/);
    // If the ACK comes while the process that ends still has the socket locked, the full one stays, with its keepalive timer (tcp_rcv_state_process).
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /✔ server FIN_WAIT2, no process FIN_WAIT2, no process, ((59|60) s left|timer keepalive (59|60) s) /,
    );
    expect(stdout).toMatch(/✔ with SO_REUSEADDR +serves a new client +accepted 127\.0\.0\.1:\d+,/);
    expect(stdout).not.toContain(escapeCharacter);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  test('shows with --verbose the raw text of each row', async () => {
    const { stdout } = await tcpclose(['demo', 'client-first', '--verbose', '--observer', 'proc']);
    expect(stdout).toContain('sl  local_address');
    expect(stdout).toContain('read as');
    expect(stdout).toMatch(/127\.0\.0\.1:\d+ > 127\.0\.0\.1:\d+ {2}TIME_WAIT, no process/);
    expect(stdout).toContain('client: kill SIGINT');
  });
});

describe('a contradiction', () => {
  test('is not looked for if there was nothing to leave out', async () => {
    const { stderr, status } = await tcpclose(['demo', 'server-first', '--without', 'kill 9']);
    expect(stderr).toMatch(/^tcpclose: --without: nothing was left out: the run has only \d+ "kill": .*\n$/);
    expect(status).toBe(2);
  });

  test('can be of a stimulus that is called as a scenario is', async () => {
    const { stdout, status } = await tcpclose(['demo', '--without', 'churn', 'ports-run-out']);
    expect(stdout).toMatch(/^ports-run-out .*client: churn \d+ connections.*\(left out\)/s);
    expect(status).toBe(1);
  });

  test('ends with 1, and shows what was expected, what was seen last, and the text that was read', async () => {
    const { stdout, status } = await both('contradicted');
    expect(status).toBe(1);
    expect(stdout).toMatch(/✖ server +FIN_WAIT2, no process +ESTABLISHED, pid \d+ node/);
    expect(stdout).toMatch(
      /the last reading \(Linux \d+\.\d+.* · (ss \(iproute2|netstat \(net-tools|\/proc\/net\/tcp)/,
    );
    expect(stdout).toContain('server: kill SIGINT (left out)');
    expect(stdout).toMatch(/\d+ of \d+ as expected/);
  });
});

describe('--json', () => {
  test('prints one document that keeps to its schema', async () => {
    const { status, written: result } = await both('server-first');
    expect(status).toBe(0);
    expect(schemaErrors('demo', result)).toEqual([]);
    expect(result).toMatchObject({ schemaVersion: 1, scenario: 'server-first', outcome: 'passed' });
    expect(result.checks).toHaveLength(16);
    expect(result.checks.every(({ verdict }: Check) => verdict === 'as expected')).toBe(true);
    expect(
      result.steps.flatMap(({ snapshots }: { snapshots: unknown[] }) => snapshots).length,
    ).toBeGreaterThan(4);

    // All four combinations of old and new socket, in FIN_WAIT2 and in TIME_WAIT.
    const binds = result.checks.filter(({ title }: Check) => /SO_REUSEADDR/.test(title));
    expect(binds).toHaveLength(8);
    expect(result.steps).toHaveLength(8);
    const passed = binds.filter(({ observed }: Check) => !observed.includes('EADDRINUSE'));
    expect(passed.map(({ title }: Check) => title)).toEqual(['with SO_REUSEADDR', 'with SO_REUSEADDR']);
  });

  test('a contradicted run keeps to it, too, and carries the text that was read', async () => {
    const { status, written: result } = await both('contradicted');
    expect(status).toBe(1);
    expect(schemaErrors('demo', result)).toEqual([]);
    expect(result.outcome).toBe('failed');
    const contradicted = result.checks.filter(({ verdict }: Check) => verdict === 'contradicted');
    expect(contradicted.length).toBeGreaterThan(0);
    expect(contradicted[0].raw).toContain('127.0.0.1');
  });

  test('the schema refuses what is not a document', () => {
    expect(schemaErrors('demo', { schemaVersion: 1 })).not.toEqual([]);
    expect(schemaErrors('demo', { schemaVersion: 2, outcome: 'lost' })).not.toEqual([]);
  });
});

describe('options', () => {
  // In pairs, since each run has peers of its own: every value of both is tried.
  test.each([
    ['::1', 'INT'],
    ['127.0.0.5', 'TERM'],
    ['0.0.0.0', 'KILL'],
    ['::', 'HUP'],
    ['localhost', 'ABRT'],
    ['[::1]', 'SIGQUIT'],
    ['127.0.0.1', 'segv'],
    ['127.0.0.2', '15'],
  ])('--host %s and --signal %s', async (host, signal) => {
    const { outcome } = await document(['server-first', '--host', host, '--signal', signal]);
    expect(outcome).toBe('passed');
  });

  test('--port is where the first server listens', async () => {
    const port = somePort();
    const { outcome, steps } = await document(['server-first', '--port', String(port)]);
    expect(outcome).toBe('passed');
    expect(steps[0].parties[0].description).toContain(`127.0.0.1:${port},`);
    // And now its own TIME_WAIT is there.
    const again = await tcpclose(['demo', 'server-first', '--port', String(port)]);
    expect(again.stderr).toMatch(/^tcpclose: [^\n]*EADDRINUSE[^\n]*--port[^\n]*\n$/);
    expect(again.status).toBe(2);
  });

  test('two runs at once on one port: the second is refused in one line', async () => {
    const port = String(somePort());
    const first = new Program(['demo', 'server-first', '--port', port, '--step']);
    await first.says('\n1  ');
    const second = await tcpclose(['demo', 'server-first', '--port', port]);
    expect(second.stderr).toMatch(/^tcpclose: another tcpclose [^\n]*--port\n$/);
    expect(second.status).toBe(2);
    expect(second.stdout).toBe('');
    first.child.kill('SIGINT');
    await first.finished();
  });

  test('--clients 50 leaves 50 connections in each state', async () => {
    const { outcome, checks } = await document(['server-first', '--clients', '50']);
    expect(outcome).toBe('passed');
    const counted = checks.filter(({ observed }: Check) => observed.startsWith('50 x '));
    expect(counted.length).toBeGreaterThan(5);
  });

  test.for(observerNames)('--observer %s is the one that was used', async (observer, context) => {
    if (['ss', 'netstat'].includes(observer) && !installed(observer))
      return context.skip(`${observer} is not installed`);
    const { outcome, environment } = await document(['server-first', '--observer', observer]);
    expect(outcome).toBe('passed');
    expect(environment.observer).toBe(observer);
  });

  test('without ss and netstat it still runs, and names what it used', async () => {
    const { stdout, status } = await tcpclose(['demo', 'server-first'], { env: { PATH: '/nonexistent' } });
    expect(status).toBe(0);
    expect(stdout).toMatch(/Linux .* · (\/proc\/net\/tcp|ss)/);
  });

  test('--step waits for Enter, and says how to look from another terminal', async () => {
    const program = new Program(['demo', 'client-first', '--step']);
    await program.says('\n1  ');
    program.child.stdin?.write('\n');
    await program.says('\n2  ');
    // The last line before it waits.
    await program.says('look from another terminal: ');
    await program.says('\n', program.stdout.indexOf('look from another'));
    expect(program.stdout).not.toContain('\n3  ');
    expect(program.stdout).toMatch(/(ss|netstat|grep) .*\d{5}/);
    program.child.stdin?.end('\n\n');
    const { status } = await program.finished();
    expect(status).toBe(0);
  });

  test('--step continues by itself at the end of the input', async () => {
    const { status } = await tcpclose(['demo', 'client-first', '--step']);
    expect(status).toBe(0);
  });
});
