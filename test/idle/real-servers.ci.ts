import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { afterTests, idle } from '../support/idle.ts';
import { missing } from '../support/machine.ts';
import { nginxPaths } from '../support/nginx.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';

function inFolder(file: string, text: string): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'idle-'));
  afterTests(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, file);
  writeFileSync(path, text.replaceAll('FOLDER', folder));
  return { folder, path };
}

const nginx = (setting: string) => {
  const server = `server { listen 127.0.0.1:${somePort()}; location / { return 200 ok; } }`;
  const { path } = inFolder(
    'nginx.conf',
    `daemon off; master_process off; pid FOLDER/pid; error_log stderr; events {} http { access_log off; ${setting} ${nginxPaths('FOLDER')} ${server} }`,
  );
  return ['sh', '-c', `PATH=$PATH:/usr/sbin exec nginx -e stderr -c ${path}`];
};

const gunicorn = (...options: readonly string[]) => {
  const { folder } = inFolder(
    'app.py',
    'def app(_, start):\n    start("200 OK", [("Content-Length", "2")])\n    return [b"ok"]\n',
  );
  return ['gunicorn', '--chdir', folder, '-b', `127.0.0.1:${somePort()}`, ...options, 'app:app'];
};

const haproxy = (setting: string) => {
  const { path } = inFolder(
    'haproxy.cfg',
    `defaults\n mode http\n timeout client 30s\n ${setting}\nfrontend f\n bind 127.0.0.1:${somePort()}\n http-request return status 200\n`,
  );
  return ['sh', '-c', `PATH=$PATH:/usr/sbin exec haproxy -db -f ${path}`];
};

/** Each with a timeout that is too short for a client of 4 s, and its name in the settings. */
const servers = [
  {
    name: 'nginx',
    program: 'nginx',
    short: () => nginx('keepalive_timeout 1s;'),
    long: (setting: string) => nginx(setting),
  },
  {
    name: 'gunicorn',
    program: 'gunicorn',
    short: () => gunicorn('--worker-class', 'gthread', '--keep-alive', '1'),
    long: (setting: string) => gunicorn('--worker-class', 'gthread', ...setting.split(' ').slice(1, 3)),
  },
  {
    name: 'HAProxy',
    program: 'haproxy',
    short: () => haproxy('timeout http-keep-alive 1s'),
    long: (setting: string) => haproxy(setting),
  },
] as const;

describe.concurrent('the setting that is advised ends the race', () => {
  test.for(servers.map((server) => [server.name, server] as const))(
    'of %s',
    async ([, { name, program, short, long }], context) => {
      const why = missing(program);
      if (why !== null) return context.skip(why);
      const before = await idle('--client-idle', '4s', '--', ...short());
      expect(before.verdict).toBe('race possible');
      expect(before.idle.ms).toBeGreaterThan(900);
      const advised = before.settings.find(({ of }) => of === name)?.setting ?? '';
      expect(advised).toMatch(/9/);
      const after = await idle('--client-idle', '4s', '--', ...long(advised));
      expect(after.verdict).toBe('no race');
    },
  );
});

describe.concurrent('servers that end each connection announce that', () => {
  test('gunicorn with its sync workers', unless(missing('gunicorn')), async () => {
    const { idle: measured, verdict } = await idle('--', ...gunicorn());
    expect({ state: measured.state, verdict }).toEqual({ state: 'says close', verdict: 'no race' });
  });

  test('php -S', unless(missing('php')), async () => {
    const { path, folder } = inFolder('index.php', 'ok');
    expect(path).toContain('index.php');
    const { idle: measured } = await idle('--', 'php', '-S', `127.0.0.1:${somePort()}`, '-t', folder);
    expect(measured.state).toBe('says close');
  });

  test('http.server of Python', unless(missing('python3')), async () => {
    const { folder } = inFolder('index.html', 'ok');
    const port = String(somePort());
    const command = ['python3', '-m', 'http.server', '--bind', '127.0.0.1', '--directory', folder, port];
    const { idle: measured, verdict } = await idle('--', ...command);
    expect({ state: measured.state, verdict }).toEqual({ state: 'says close', verdict: 'no race' });
  });
});

test.concurrent('redis gets a command of its own protocol', unless(missing('redis-server')), async () => {
  const port = String(somePort());
  const command = ['redis-server', '--port', port, '--save', '', '--timeout', '1', '--dir', tmpdir()];
  const { probes } = await idle('--request', 'PING\\r\\n', '--client-idle', '60s', '--', ...command);
  expect(probes.filter(({ requests }) => requests > 0).map(({ result }) => result)).toEqual([
    'closed',
    'closed',
    'closed',
  ]);
});
