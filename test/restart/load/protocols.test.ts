import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpclose } from '../../support/program.ts';
import { RequestLog } from '../../support/request-log.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';

const certificate = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name);
const small = 'new=20,pooled=3,idle=2';
const preStop = ['--pre-stop', '600ms'];

describe.concurrent('a load in other protocols', () => {
  test.each([
    ['any certificate', []],
    ['one of a given CA', ['--cacert', certificate('ca.pem')]],
  ])('TLS, with %s', async (_, options) => {
    const command = ['node', fixture('secure.cjs'), String(somePort())];
    const { runs } = await restart(['--load', small, '--tls', ...options, ...preStop], command);
    expect(runs[0]).toMatchObject({ verdict: 'survives', load: { verdict: 'loses nothing', lost: 0 } });
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
    const command = ['node', fixture('logged.cjs'), String(somePort()), log.path, 'pre-stop'];
    const { runs } = await restart(['--load', small, '--body', `@${body}`, ...preStop], command);
    expect(runs[0]).toMatchObject({ verdict: 'survives', load: { request: 'POST /', lost: 0 } });
  });

  test('redis', async (context) => {
    if (spawnSync('redis-server', ['--version']).status !== 0) return context.skip('redis is not installed');
    const options = ['--request', 'PING\\r\\n', '--answer', '^\\+PONG\\r\\n$'];
    const command = ['redis-server', '--port', String(somePort()), '--save', '', '--bind', '127.0.0.1'];
    const { runs } = await restart(['--load', small, ...options], command);
    expect(runs[0]).toMatchObject({ verdict: 'loses', load: { verdict: 'loses', request: '6 bytes' } });
    expect(runs[0]?.load?.kinds.map(({ before }) => before.answered > 0)).toEqual([true, true, true]);
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
