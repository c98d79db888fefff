import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { atStep, testInterruptedAfter, testInterruptedBefore } from '../support/interruption.ts';
import { Program, programPath } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { timeWaits } from '../support/time-waits.ts';
import { until } from '../support/until.ts';

const why = await whyUnmet('namespace');

// Before the other steps, and at more moments, in interruption.ci.ts.
testInterruptedBefore([2, 7]);
testInterruptedAfter([90, 200, 350], [200]);

// What became of connections is counted five times a second; this many take longer.
const manyTimeWaits = 10_000;
/** As /proc/net/tcp writes a port. */
const hexadecimal = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

test('the report of many connections shows the outcomes of the finished ones', unless(why), async () => {
  const program = new Program(['demo', 'churn', '--connections', '10000000']);
  await until('connections that are over', () => timeWaits(program) > manyTimeWaits);
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect(status).toBe(130);
  expect(stdout).toMatch(/\n {2}[\d,]+ of 10,000,000 connections: ok [1-9][\d,]*/);
  expect(stdout).toMatch(/\ninterrupted \(SIGINT\) after [\d.]+ s, before the first check\n$/);
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

describe('a command that is interrupted before it has a result reports that in one line', () => {
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
