import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startProgram } from '../../../src/start-program.ts';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { RequestLog } from '../../support/request-log.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';

const certificate = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name);
const small = 'new=20,pooled=3,idle=2';
const redisLacks = missing('redis-server', 'redis-cli');
const preStop = ['--pre-stop', '600ms'];

describe.concurrent('a load in other protocols', () => {
  test.each([
    ['any certificate', []],
    ['one of a given CA', ['--cacert', certificate('ca.pem')]],
  ])('TLS, with %s', async (_, options) => {
    const command = () => ['node', fixture('secure.cjs'), String(somePort())];
    const asked = ['--load', small, '--tls', ...options, ...preStop];
    const run = await observed(() => restart(asked, command()));
    expect(run).toMatchObject({ verdict: 'survives', load: { verdict: 'loses nothing', lost: 0 } });
  });

  test('TLS, with a certificate of another CA', async () => {
    const options = ['--load', small, '--tls', '--cacert', certificate('server.pem')];
    const command = ['node', fixture('secure.cjs'), String(somePort())];
    const { stderr, status } = await tcpclose(['restart', ...options, '--', ...command]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /does not answer the request of the load \(garbled, [A-Z_]*(VERIFY|CERT)[A-Z_]*\): look at --cacert/,
    );
  });

  test('POST with a body from a file', async () => {
    const log = new RequestLog();
    const body = `${log.path}.body`;
    writeFileSync(body, 'x'.repeat(70_000));
    const command = () => ['node', fixture('logged.cjs'), String(somePort()), log.path, 'pre-stop'];
    const run = await observed(() => restart(['--load', small, '--body', `@${body}`, ...preStop], command()));
    expect(run).toMatchObject({ verdict: 'survives', load: { request: 'POST /', lost: 0 } });
  });

  test('redis, whose count of commands agrees with that of its clients', unless(redisLacks), async () => {
    const data = `${new RequestLog().path}.redis`;
    mkdirSync(data);
    // It writes each command to its file before it answers, so the count outlives both starts: with fsync, it may wait for the disk.
    const command = (port: string) => [
      ...['redis-server', '--port', port, '--bind', '127.0.0.1', '--dir', data],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'],
    ];
    const options = ['--request', 'INCR requests\\r\\n', '--answer', '^:\\d+\\r\\n$'];
    const { runs } = await restart(['--load', small, ...options], command(String(somePort())));
    const load = runs[0]?.load;
    expect(runs[0]).toMatchObject({ verdict: 'loses', load: { verdict: 'loses', request: '15 bytes' } });
    expect(load?.kinds.map(({ before }) => before.answered > 0)).toEqual([true, true, true]);
    const answered = (load?.kinds ?? []).reduce(
      (n, { before, after }) => n + before.answered + after.answered,
      0,
    );
    const unanswered = (load?.lostRequests ?? []).filter(({ class: ending }) => ending !== 'refused').length;
    // Two looks are none of the load: whether it answers before the load, and whether the second start does.
    const counted = (await countOf(command)) - 2;
    expect(counted).toBeGreaterThanOrEqual(answered);
    expect(counted).toBeLessThanOrEqual(answered + unanswered);
  });

  test('a server on a Unix socket', async () => {
    const path = join(new RequestLog().path.replace(/\d+\.log$/, 'socket'));
    const source = `require('http').createServer((q,s)=>s.end('ok')).listen('${path}')`;
    const { runs } = await restart(['--load', small], ['node', '-e', source]);
    // Its file outlives a server that does not remove it, and the second start cannot bind.
    expect(runs[0]?.load?.kinds.map(({ before }) => before.answered > 0)).toEqual([true, true, true]);
    expect(runs[0]?.load?.lost).toBeGreaterThan(0);
  });
});

/** How many requests a redis has carried out over both of its starts, as itself says. */
async function countOf(command: (port: string) => string[]): Promise<number> {
  const port = String(somePort());
  const [program = '', ...args] = command(port);
  const { child } = await startProgram([program, ...args], { env: { ...process.env }, stdin: 'ignore' });
  try {
    const count = () =>
      Number(spawnSync('redis-cli', ['-p', port, 'GET', 'requests'], { encoding: 'utf8' }).stdout);
    await until('redis to answer', () => count() > 0);
    return count();
  } finally {
    child.kill();
    await child;
  }
}
