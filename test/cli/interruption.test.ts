import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program, programPath, readProc } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { until } from '../support/until.ts';

const why = await whyUnmet('namespace');

const steps = [1, 2, 3, 4, 5, 6, 7, 8];

/** Stops before the given step of server-first, with all that the steps before have left standing. */
async function atStep(number: number): Promise<Program> {
  const program = new Program(['demo', 'server-first', '--step']);
  for (const step of steps.slice(0, number)) {
    await program.says(`\n${step}  `);
    if (step < number) program.child.stdin?.write('\n');
  }
  return program;
}

describe.each(steps)('before step %i', (number) => {
  test('Ctrl-C takes everything down and ends with 130', async () => {
    const program = await atStep(number);
    program.child.kill('SIGINT');
    const { status, stdout, stderr } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toContain('interrupted (SIGINT)');
    expect(stderr).toBe('');
    expect(program.processes()).toEqual([]);
  });

  test('SIGKILL leaves no peer behind for longer than a second', async () => {
    const program = await atStep(number);
    program.child.kill('SIGKILL');
    await program.finished();
    expect(await program.leftAfter(1000)).toEqual([]);
  });
});

describe('at any moment, not only between steps', () => {
  // The run takes some 400 ms; these fall into its start, its middle and its end.
  test.each([0, 30, 60, 90, 120, 160, 200, 250, 300, 350, 400])(
    'SIGKILL after %i ms leaves nothing',
    async (ms) => {
      const program = new Program(['demo', 'server-first']);
      setTimeout(() => program.child.kill('SIGKILL'), ms);
      await program.finished();
      expect(await program.leftAfter(1000)).toEqual([]);
    },
  );

  test.each([60, 120, 200, 300])('SIGTERM after %i ms ends with 143', async (ms) => {
    const program = new Program(['demo', 'server-first', '--wait']);
    setTimeout(() => program.child.kill('SIGTERM'), ms);
    const { status } = await program.finished();
    // Before the program listens to signals it dies of them.
    expect([143, null]).toContain(status);
    expect(await program.leftAfter(1000)).toEqual([]);
  });
});

// What became of connections is counted five times a second; this many take longer.
const manyTimeWaits = 10_000;
// A recorded load goes slower.
const recordedTimeWaits = 1000;

/** As /proc/net/tcp writes a port. */
const hexadecimal = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

/** How many connections are in TIME_WAIT in the private network of its processes. */
function timeWaits(program: Program): number {
  const pids = program.processes().map((line) => line.split(' ')[0] ?? '');
  const inside = pids.find((pid) => networkOf(pid) !== networkOf('self'));
  return inside === undefined
    ? 0
    : Number(/^TCP: .* tw (\d+)/m.exec(readProc(`${inside}/net/sockstat`))?.[1] ?? 0);
}

/** A name for the network namespace of a process, which is its own where the process has gone. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return networkOf('self');
  }
}

test('of many connections the report says what became of those that are over', unless(why), async () => {
  const program = new Program(['demo', 'churn', '--connections', '10000000']);
  await until('connections that are over', () => timeWaits(program) > manyTimeWaits);
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect(status).toBe(130);
  expect(stdout).toMatch(/\n {2}[\d,]+ of 10,000,000 connections: ok [1-9][\d,]*/);
  expect(stdout).toMatch(/\ninterrupted \(SIGINT\) after [\d.]+ s, before the first check\n$/);
  expect(program.processes()).toEqual([]);
});

test('of a load that is recorded, too, and soon', unless(why), async () => {
  const program = new Program(['demo', 'churn', '--connections', '10000000', '--packets']);
  await until('connections that are over', () => timeWaits(program) > recordedTimeWaits);
  const interruptedAt = performance.now();
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect(status).toBe(130);
  expect(stdout).toMatch(/\nstates: /);
  // Whoever waits for what never ends gives up after a minute.
  expect(performance.now() - interruptedAt).toBeLessThan(20_000);
  expect(program.processes()).toEqual([]);
});

test.each([
  [['demo', 'client-first'], '>/dev/full'],
  [['demo', 'client-first', '--json'], '>/dev/full'],
  [['list', '--json'], '>/dev/full'],
  [['demo', 'client-first'], '>/dev/full 2>&1'],
])('%j with its output to a full disk (%s) could not run', async (args, redirection) => {
  const prefix = ['sh', '-c', `"$@" ${redirection}`, 'sh'];
  const { stderr, status } = await new Program(args, { prefix }).finished();
  expect(stderr).toMatch(redirection.includes('2>') ? /^$/ : /^tcpclose: [^\n]*ENOSPC[^\n]*\n$/);
  expect(status).toBe(2);
});

test('a second Ctrl-C ends at once', async () => {
  const program = await atStep(2);
  program.child.kill('SIGSTOP');
  program.child.kill('SIGINT');
  program.child.kill('SIGTERM');
  program.child.kill('SIGCONT');
  const { status } = await program.finished();
  expect([130, 143]).toContain(status);
  expect(await program.leftAfter(1000)).toEqual([]);
});

describe('a command that is interrupted before it has a result says so in one line', () => {
  const said = { status: 130, stdout: '', stderr: 'tcpclose: interrupted (SIGINT): there is no result\n' };

  test('claims, while a scenario runs', async () => {
    const program = new Program(['claims', 'C01', '--jobs', '1']);
    await until('its peers', () => program.processes().some((line) => line.includes('peer.cjs')));
    program.child.kill('SIGINT');
    expect(await program.finished()).toMatchObject(said);
    expect(await program.leftAfter(1000)).toEqual([]);
  });

  test('idle, while it watches a connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const program = new Program(['idle', String((server.address() as AddressInfo).port)]);
    const [client] = await once(server, 'connection');
    client.on('error', () => {});
    program.child.kill('SIGINT');
    expect(await program.finished()).toMatchObject(said);
    client.destroy();
    server.close();
  });
});

test('--json reports an interruption in its document', async () => {
  const port = somePort();
  const program = new Program(['demo', 'server-first', '--json', '--wait', '--port', String(port)]);
  const inTimeWait = new RegExp(`:${hexadecimal(port)} \\S+ 06 `);
  await until('TIME_WAIT on its port', () => inTimeWait.test(readFileSync('/proc/net/tcp', 'utf8')));
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect(status).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'interrupted', reason: 'SIGINT' });
  expect(program.processes()).toEqual([]);
});

test('a reader that goes away ends the run, quietly', async () => {
  const pipeline = spawn('sh', [
    '-c',
    `"${process.execPath}" "${programPath}" demo server-first --wait | head -n 3; true`,
  ]);
  let stderr = '';
  pipeline.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise((resolve) => pipeline.once('close', resolve));
  expect(await ended).toBe(0);
  expect(stderr).toBe('');
});
