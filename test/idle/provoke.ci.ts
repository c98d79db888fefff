import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { afterTests, idle, serving } from '../support/idle.ts';
import { missing } from '../support/machine.ts';
import { nginxPaths } from '../support/nginx.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

const curlLacks = missing('curl');
const clients = ["Node's http.Agent", "undici (Node's fetch)", ...(curlLacks === null ? ['curl'] : [])];

/** A server that closes idle connections, and counts what it got: each request by the mark that --provoke gives it. */
async function counting(idleMs: number, head = ''): Promise<{ port: string; got: (mark: RegExp) => number }> {
  const marks: string[] = [];
  const port = await serving((socket: Socket) => {
    let timer: NodeJS.Timeout | undefined;
    socket.on('data', (data) => {
      clearTimeout(timer);
      const mark = /X-Tcpclose-Request: *(\S+)/i.exec(data.toString('latin1'))?.[1];
      // After its own FIN it may still get a request, and cannot answer it.
      if (mark !== undefined && socket.writable) marks.push(mark);
      socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: 2\r\n\r\nok`);
      timer = setTimeout(() => socket.end(), idleMs);
    });
    socket.once('close', () => clearTimeout(timer));
  });
  return { port, got: (mark) => marks.filter((one) => mark.test(one)).length };
}

// A proxy that learns of the FIN before it gets the request sends it elsewhere: on a busy machine that needs more than the usual delay.
const longHold = '700ms';
// Longer than the delay, or the proxy would not have the answer when the server closes.
const longIdleMs = 1500;

describe.concurrent('a race that is made to happen', () => {
  test('costs the clients of Node what the server never got', async () => {
    const { port, got } = await counting(300);
    const { provoked, verdict } = await idle(port, '--client-idle', '60s', '--provoke', '6');
    expect(verdict).toBe('race possible');
    expect(provoked?.map(({ client }) => client)).toEqual(clients);
    for (const { sent, lost, repeated, elsewhere, gaveUpFirst } of provoked ?? [])
      expect(lost + repeated + elsewhere + gaveUpFirst).toBe(Math.max(sent, 6));
    const [agent] = provoked ?? [];
    expect(agent?.lost).toBeGreaterThan(0);
    expect(Object.keys(agent?.errors ?? {}).join()).toContain('ECONNRESET');
    const answered = (provoked ?? []).reduce((sum, { repeated, elsewhere }) => sum + repeated + elsewhere, 0);
    expect(got(/^second/)).toBe(answered);
  });

  test('is not there for a client that gives up first', async () => {
    // The agent of Node counts a second less than the server says.
    const { port } = await counting(1500, 'Keep-Alive: timeout=1\r\n');
    const { provoked } = await idle(port, '--client', 'undici', '--provoke', '2');
    expect(provoked).toMatchObject([
      { sent: 0, gaveUpFirst: 2 },
      { sent: 0, gaveUpFirst: 2 },
      // curl does not read what the server says.
      ...(curlLacks === null ? [{ client: 'curl', sent: 2, gaveUpFirst: 0 }] : []),
    ]);
  });

  test('is repeated by curl on a new connection', unless(curlLacks), async () => {
    const { port } = await counting(300);
    const { provoked } = await idle(port, '--client-idle', '60s', '--provoke', '4', '--method', 'POST');
    const found = provoked?.find(({ client }) => client === 'curl');
    expect(found).toMatchObject({ sent: 4, lost: 0, gaveUpFirst: 0 });
    expect(found?.repeated).toBeGreaterThan(0);
  });

  test('is not tried if the server does not close', async () => {
    const { port } = await counting(60_000);
    const { provoked } = await idle(port, '--client-idle', '100ms', '--provoke');
    expect(provoked).toBeNull();
  });

  test('is a 502 behind haproxy', unless(missing('haproxy')), async () => {
    const { port } = await counting(longIdleMs);
    const { provoked } = await idle(
      port,
      '--client',
      'aws-alb',
      '--provoke',
      '4',
      '--hold',
      longHold,
      '--through',
      'haproxy',
    );
    expect(provoked?.at(-1)).toMatchObject({ client: 'haproxy', lost: 0 });
    expect(provoked?.at(-1)?.badGateway).toBeGreaterThan(0);
  });

  test(
    "is a 502 behind nginx if the method may not be repeated, with a configuration of one's own",
    unless(missing('nginx')),
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
      afterTests(() => rmSync(folder, { recursive: true }));
      writeFileSync(
        join(folder, 'mine.conf'),
        `daemon off; master_process off; pid {folder}/pid; error_log stderr; events {} http { access_log off; ${nginxPaths('{folder}')}
       upstream u { server {upstream}; keepalive 16; } server { listen {listen};
       location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
      );
      const { port, got } = await counting(longIdleMs);
      const through = `nginx -e stderr -c ${join(folder, 'mine.conf')}`;
      const post = await idle(
        port,
        '--client',
        'nginx',
        '--provoke',
        '4',
        '--method',
        'POST',
        '--hold',
        longHold,
        '--through',
        through,
      );
      expect(post.provoked?.at(-1)?.badGateway).toBeGreaterThan(0);
      expect(post.provoked?.at(-1)?.repeated).toBe(0);
      const before = got(/^second-/);
      const get = await idle(port, '--client', 'nginx', '--provoke', '4', '--through', 'nginx');
      expect(get.provoked?.at(-1)).toMatchObject({ lost: 0, badGateway: 0 });
      expect(got(/^second-/) - before).toBe(get.provoked?.at(-1)?.sent);
    },
  );
});

test.each([
  [['http://192.0.2.1/', '--provoke'], '--provoke works only on this machine'],
  [['80', '--through', 'nginx'], '--through needs --provoke'],
  [['80', '--provoke', '--tls'], 'without TLS'],
  [['80', '--provoke', '--through', ''], 'names no proxy'],
  [['80', '--provoke', '--through', 'squid'], 'has no configuration'],
])('%j is refused', async (args, why) => {
  const { stderr, status } = await tcpclose(['idle', ...args]);
  expect(stderr).toContain(why);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(status).toBe(2);
});
