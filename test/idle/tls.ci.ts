import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { afterTests, idle, serving } from '../support/idle.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { answering } from './servers.ts';

test.concurrent('a plain request on a port with TLS is recognised', async () => {
  const server = createHttpServer();
  const port = await serving(() => {}, server);
  server.on('request', (_, response) =>
    response.writeHead(400).end('The plain HTTP request was sent to HTTPS port'),
  );
  const { stderr, status } = await tcpclose(['idle', port]);
  expect(stderr).toContain('the port speaks TLS: give --tls');
  expect(status).toBe(2);
});

describe.concurrent('a server with TLS', unless(missing('openssl')), () => {
  const folder = mkdtempSync(join(tmpdir(), 'idle-tls-'));
  afterTests(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const secure = async (idleMs: number) => {
    if (!existsSync(cert))
      spawnSync('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=lab',
        '-keyout',
        key,
        '-out',
        cert,
      ]);
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    server.on('secureConnection', answering('', idleMs));
    return serving(() => {}, server);
  };

  test('is measured, and recognised without --tls', async () => {
    const port = await secure(1000);
    const { probes, tls } = await idle(port, '--tls', '--client-idle', '5s');
    expect(tls).toBe(true);
    expect(probes.slice(1).map(({ result }) => result)).toEqual(['closed', 'closed', 'closed']);
    for (const { idleMs } of probes.slice(1)) expect(idleMs).toBeGreaterThan(900);
    const { stderr, status } = await tcpclose(['idle', port]);
    expect({ stderr: /speaks TLS: give --tls/.test(stderr), status }).toEqual({ stderr: true, status: 2 });
  });

  test('that has no TLS gives an error of one line', async () => {
    const port = await serving(answering('', 1000));
    const { stderr, status } = await tcpclose(['idle', port, '--tls']);
    expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
    expect(status).toBe(2);
  });
});
