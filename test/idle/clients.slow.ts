import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idleClients } from '../../src/idle/clients.ts';
import { startProgram } from '../../src/start-program.ts';
import { afterTests, serving } from '../support/idle.ts';
import { missing } from '../support/machine.ts';
import { nginxPaths } from '../support/nginx.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { until } from '../support/until.ts';

const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } as Record<string, string>;

test(
  'nginx keeps a connection to an upstream for as long as documented',
  unless(missing('nginx')),
  async () => {
    let keptMs = Number.NaN;
    const upstream = await serving((socket) => {
      let answeredAt = 0;
      socket.on('data', () => {
        answeredAt = performance.now();
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
      socket.once('end', () => {
        keptMs = performance.now() - answeredAt;
      });
    });
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    afterTests(() => rmSync(folder, { recursive: true }));
    const port = somePort();
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
     http { access_log off; ${nginxPaths(folder)} upstream u { server 127.0.0.1:${upstream}; keepalive 4; }
     server { listen 127.0.0.1:${port}; location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
    );
    const command = ['nginx', '-e', 'stderr', '-c', join(folder, 'nginx.conf')] as const;
    const { child } = await startProgram(command, { env: environment, stdin: 'ignore' });
    afterTests(() => void child.kill());
    const answers = () =>
      new Promise<boolean>((resolve) => {
        const request = get({ port, agent: false }, (response) =>
          response.resume().once('end', () => resolve(true)),
        );
        request.once('error', () => resolve(false));
      });
    await until('nginx to answer', answers);
    await until('nginx to close its connection', () => !Number.isNaN(keptMs), 100_000);
    expect(Math.abs(keptMs - idleClients.nginx.idleMs)).toBeLessThan(2000);
  },
);
