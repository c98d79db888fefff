import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { installed, isRoot, noRoot } from './machine.ts';
import { nginxPaths } from './nginx.ts';
import { Program } from './program.ts';
import { unless } from './skips.ts';
import { somePort } from './sockets.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = temporaryFolder('tcpclose-servers', 0o755);

/** A folder of its own for each server: several run at once. */
function ownFolder(): string {
  const folder = mkdtempSync(join(root, 'server-'));
  chmodSync(folder, 0o777);
  mkdirSync(join(folder, 'www'));
  return folder;
}

/** Writes a file of configuration, and gives its path. */
function file(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export interface RealServer {
  readonly program: string;
  readonly package: string;
  /** Such as root, if it cannot be run by anybody. */
  readonly user?: 'root';
  command(port: number, folder: string): readonly string[];
  readonly options?: readonly string[];
  /** What is known of it: the verdict or the cause; several where its surroundings decide. */
  readonly outcome: readonly string[];
}

const nginx = (port: number, folder: string) => [
  'nginx',
  '-c',
  file(
    folder,
    `nginx-${port}.conf`,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; worker_processes 2; ${isRoot ? 'user nobody nogroup;' : ''}
     events {} http { access_log off; ${nginxPaths(folder)} server { listen ${port}; } }`,
  ),
];

const vite = join(import.meta.dirname, '../../node_modules/vite/bin/vite.js');

export const servers: Readonly<Record<string, RealServer>> = {
  'nginx, its master stopped': {
    program: 'nginx',
    package: 'nginx-light',
    command: nginx,
    outcome: ['survives'],
  },
  'nginx, its master killed': {
    program: 'nginx',
    package: 'nginx-light',
    command: nginx,
    options: ['--signal', 'KILL'],
    outcome: ['surviving-listener'],
  },
  apache: {
    program: 'apache2',
    package: 'apache2-bin',
    user: 'root',
    command: (port, folder) => [
      'apache2',
      '-DFOREGROUND',
      '-f',
      file(
        folder,
        'apache.conf',
        `ServerRoot "${folder}"\nListen ${port}\nPidFile ${folder}/apache.pid\nErrorLog ${folder}/apache.log
         LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
         LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
         User nobody\nGroup nogroup\nServerName x\nDocumentRoot ${folder}/www\n`,
      ),
    ],
    outcome: ['survives'],
  },
  lighttpd: {
    program: 'lighttpd',
    package: 'lighttpd',
    command: (port, folder) => [
      'lighttpd',
      '-D',
      '-f',
      file(folder, 'lighttpd.conf', `server.port=${port}\nserver.document-root="${folder}/www"\n`),
    ],
    outcome: ['survives'],
  },
  redis: {
    program: 'redis-server',
    package: 'redis-server',
    command: (port, folder) => ['redis-server', '--port', `${port}`, '--save', '', '--dir', folder],
    options: ['--request', 'PING\\r\\n'],
    outcome: ['survives'],
  },
  memcached: {
    program: 'memcached',
    package: 'memcached',
    command: (port) => ['memcached', '-u', 'nobody', '-p', `${port}`],
    outcome: ['survives'],
  },
  haproxy: {
    program: 'haproxy',
    package: 'haproxy',
    command: (port, folder) => [
      'haproxy',
      '-db',
      '-f',
      file(
        folder,
        'haproxy.cfg',
        `defaults\n mode tcp\n timeout client 10s\n timeout connect 1s\n timeout server 10s
frontend f\n bind 127.0.0.1:${port}\n default_backend b\nbackend b\n server s 127.0.0.1:1\n`,
      ),
    ],
    outcome: ['survives'],
  },
  'socat, whose children keep their connections': {
    program: 'socat',
    package: 'socat',
    command: (port) => ['socat', `TCP-LISTEN:${port},fork`, 'EXEC:cat'],
    outcome: ['surviving-connection'],
  },
  'socat with reuseaddr': {
    program: 'socat',
    package: 'socat',
    command: (port) => ['socat', `TCP-LISTEN:${port},fork,reuseaddr`, 'EXEC:cat'],
    outcome: ['survives'],
  },
  'busybox httpd': {
    program: 'busybox',
    package: 'busybox',
    command: (port, folder) => ['busybox', 'httpd', '-f', '-p', `${port}`, '-h', join(folder, 'www')],
    outcome: ['survives'],
  },
  'php -S': {
    program: 'php',
    package: 'php-cli',
    command: (port, folder) => ['php', '-S', `127.0.0.1:${port}`, '-t', join(folder, 'www')],
    outcome: ['survives'],
  },
  'gunicorn, its master killed': {
    program: 'gunicorn',
    package: 'gunicorn',
    command: (port, folder) => {
      file(folder, 'app.py', 'def app(environ, start):\n    start("200 OK", [])\n    return [b"hello"]\n');
      return ['gunicorn', '-b', `127.0.0.1:${port}`, '-w', '2', '--chdir', folder, 'app:app'];
    },
    options: ['--signal', 'KILL'],
    outcome: ['surviving-listener'],
  },
  'http.server of Python': {
    program: 'python3',
    package: 'python3',
    command: (port, folder) => ['python3', '-m', 'http.server', '-d', join(folder, 'www'), `${port}`],
    outcome: ['survives'],
  },
  'a cluster of Node': {
    program: 'node',
    package: 'nodejs',
    command: (port, folder) => {
      const script = `const cluster = require('cluster');
        if (cluster.isPrimary) for (let i = 0; i < 2; i++) cluster.fork();
        else require('http').createServer((q, r) => r.end('hello')).listen(${port});`;
      return ['node', file(folder, 'cluster.cjs', script)];
    },
    outcome: ['survives'],
  },
  vite: {
    program: 'node',
    package: 'nodejs',
    command: (port, folder) => [
      'node',
      vite,
      folder,
      '--port',
      `${port}`,
      '--strictPort',
      '--host',
      '127.0.0.1',
    ],
    outcome: ['survives'],
  },
  // npm ends at once, and vite some 20 ms after it if its release hands the signal on: what is started meanwhile finds a listener.
  'vite, by npm run': {
    program: 'npm',
    package: 'npm',
    command: (port, folder) => {
      const scripts = { start: `node ${vite} --port ${port} --strictPort --host 127.0.0.1` };
      file(folder, 'package.json', JSON.stringify({ name: 'site', private: true, scripts }));
      return ['npm', 'run', 'start', '--prefix', folder];
    },
    outcome: ['survives', 'surviving-listener'],
  },
};

const options = { watched: [], 'not watched': ['--no-watch'] };

export type Watching = keyof typeof options;

/** Restarts one of these servers, and expects what is known of it. */
export function testServer(name: string, server: RealServer, watching: Watching): void {
  const why = installed(server.program)
    ? server.user === 'root'
      ? noRoot
      : null
    : `${server.package} is not installed`;
  test.concurrent(`${name}: ${server.outcome.join(' or ')}, ${watching}`, unless(why), async () => {
    const port = somePort();
    const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
    const command = server.command(port, ownFolder());
    const args = ['--json', '--clients', '2', ...options[watching], ...(server.options ?? [])];
    const program = new Program(['restart', ...args, '--', ...command], { env: { PATH: path } });
    const { stdout, stderr } = await program.finished();
    expect(stderr).toBe('');
    const { port: found, runs } = JSON.parse(stdout) as RestartDocument;
    expect(found).toBe(port);
    expect(runs).toHaveLength(1);
    for (const { verdict, cause } of runs) expect(server.outcome).toContain(cause ?? verdict);
    expect(await program.leftAfter(2000)).toEqual([]);
  });
}
