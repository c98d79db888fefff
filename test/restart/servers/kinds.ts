/** Kinds of servers that people restart, with nothing known of them but how each is started. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, isRoot } from '../../support/machine.ts';
import { nginxPaths } from '../../support/nginx.ts';

/** Where a start of it listens, and may write. */
export interface Room {
  readonly port: number;
  readonly folder: string;
}

export interface Kind {
  /** The program that has to be installed. */
  readonly program: string;
  readonly user?: 'root';
  command(room: Room): readonly string[];
  /** What a client sends, where it is one that waits for it. */
  readonly request?: string;
  /** Where it listens if not on the port: a path, or an abstract name that begins with @. */
  path?(room: Room): string;
  /** Of one that goes into the background. */
  pidFile?(room: Room): string;
  /** Where two restarts one after the other may come out differently, whoever makes them. */
  readonly outcome?: 'racy';
}

/** Why a kind cannot be tried here; null if it can. */
export function whySkipped({ program, user }: Kind, as: 'this one' | 'nobody'): string | null {
  if (!installed(program)) return `${program} is not installed`;
  return user === 'root' && (!isRoot || as === 'nobody') ? 'it needs root' : null;
}

function file({ folder }: Room, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/servers', name);
const tsx = join(import.meta.dirname, '../../../node_modules/.bin/tsx');
const http = (port: number) =>
  `require('http').createServer((q, r) => r.end('hello')).listen(${port}, '127.0.0.1')`;
const get = 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n';

const python = (name: string, text: (room: Room) => string) => ({
  program: 'python3',
  command: (room: Room) => ['python3', file(room, `${name}.py`, text(room))],
});

const keepingAll = (listener: string) => `
import socket, time
s = socket.socket()
${listener}
s.listen(64)
kept = []
while True: kept.append(s.accept()[0])
`;

const forking = (port: number, body: string) => `
import os, signal, socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", ${port}))
s.listen(64)
${body}
`;

const socketserver = (port: number, reuse: string) => `
import socketserver
class Handler(socketserver.BaseRequestHandler):
  def handle(self):
    while self.request.recv(1000): pass
class Server(socketserver.ThreadingTCPServer):
  allow_reuse_address = ${reuse}
  daemon_threads = True
Server(("127.0.0.1", ${port}), Handler).serve_forever()
`;

const perl = (room: Room, reuse: string) => [
  'perl',
  file(
    room,
    'server.pl',
    `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => ${room.port}, Listen => 64, ${reuse}) or die "bind: $!";
     my @kept; while (my $c = $s->accept) { push @kept, $c }`,
  ),
];

const gunicorn = (room: Room, ...workers: readonly string[]) => {
  file(room, 'app.py', 'def app(environ, start):\n    start("200 OK", [])\n    return [b"hello"]\n');
  return ['gunicorn', '-b', `127.0.0.1:${room.port}`, ...workers, '--chdir', room.folder, 'app:app'];
};

const nginx = (room: Room, daemon: 'on' | 'off') => {
  const settings = `daemon ${daemon}; pid ${room.folder}/nginx.pid; error_log ${room.folder}/nginx.log; worker_processes 2; ${isRoot ? 'user nobody nogroup;' : ''}
    events {} http { access_log off; ${nginxPaths(room.folder)} server { listen 127.0.0.1:${room.port}; } }`;
  return ['nginx', '-c', file(room, 'nginx.conf', settings)];
};

const www = (room: Room) => {
  mkdirSync(join(room.folder, 'www'), { recursive: true });
  return join(room.folder, 'www');
};

export const kinds: Readonly<Record<string, Kind>> = {
  'http of Node': { program: 'node', request: get, command: ({ port }) => ['node', '-e', http(port)] },
  'net of Node': { program: 'node', command: ({ port }) => ['node', fixture('plain.cjs'), `${port}`] },
  'net of Node that waits for its clients': {
    program: 'node',
    command: ({ port }) => ['node', fixture('graceful.cjs'), `${port}`],
  },
  'a cluster of Node': {
    program: 'node',
    command: (room) => [
      'node',
      file(
        room,
        'cluster.cjs',
        `const cluster = require('cluster');
         if (cluster.isPrimary) for (let i = 0; i < 2; i++) cluster.fork(); else ${http(room.port)};`,
      ),
    ],
  },
  'node --inspect': {
    program: 'node',
    command: ({ port }) => ['node', '--inspect=127.0.0.1:0', '-e', http(port)],
  },
  tsx: { program: 'node', command: (room) => [tsx, file(room, 'server.ts', http(room.port))] },
  'npm run': {
    program: 'npm',
    outcome: 'racy',
    command: (room) => {
      const scripts = { start: `node ${fixture('plain.cjs')} ${room.port}` };
      file(room, 'package.json', JSON.stringify({ name: 'server', private: true, scripts }));
      return ['npm', 'run', 'start', '--prefix', room.folder];
    },
  },
  'http.server of Python': {
    program: 'python3',
    command: (room) => ['python3', '-m', 'http.server', '-d', www(room), '-b', '127.0.0.1', `${room.port}`],
  },
  'socketserver without reuse': python('without', ({ port }) => socketserver(port, 'False')),
  'socketserver with reuse': python('with', ({ port }) => socketserver(port, 'True')),
  'a listener without SO_REUSEADDR': python('plain', ({ port }) =>
    keepingAll(`s.bind(("127.0.0.1", ${port}))`),
  ),
  'SO_REUSEADDR after bind': python('late', ({ port }) =>
    keepingAll(`s.bind(("127.0.0.1", ${port})); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)`),
  ),
  SO_REUSEPORT: python('port', ({ port }) =>
    keepingAll(`s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(("127.0.0.1", ${port}))`),
  ),
  'workers of one listener': python('prefork', ({ port }) =>
    forking(
      port,
      `pids = []
for i in range(3):
  pid = os.fork()
  if pid == 0:
    kept = []
    while True: kept.append(s.accept()[0])
  pids.append(pid)
def stop(number, frame):
  for pid in pids: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)
  os._exit(0)
signal.signal(signal.SIGTERM, stop)
while True: signal.pause()`,
    ),
  ),
  'a process for each connection': {
    ...python('forking', ({ port }) =>
      forking(
        port,
        `signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
  c, _ = s.accept()
  if os.fork() == 0:
    s.close()
    while c.recv(1000): pass
    os._exit(0)
  c.close()`,
      ),
    ),
    outcome: 'racy',
  },
  'gunicorn, sync': { program: 'gunicorn', request: get, command: (room) => gunicorn(room, '-w', '2') },
  'gunicorn, gthread': {
    program: 'gunicorn',
    request: get,
    command: (room) => gunicorn(room, '-w', '1', '-k', 'gthread', '--threads', '4'),
  },
  'nginx in the foreground': { program: 'nginx', request: get, command: (room) => nginx(room, 'off') },
  'nginx in the background': {
    program: 'nginx',
    request: get,
    command: (room) => nginx(room, 'on'),
    pidFile: ({ folder }) => join(folder, 'nginx.pid'),
  },
  apache: {
    program: 'apache2',
    user: 'root',
    command: (room) => [
      'apache2',
      '-DFOREGROUND',
      '-f',
      file(
        room,
        'apache.conf',
        `ServerRoot "${room.folder}"\nListen 127.0.0.1:${room.port}\nPidFile ${room.folder}/apache.pid\nErrorLog ${room.folder}/apache.log
         LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
         LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
         User nobody\nGroup nogroup\nServerName x\nDocumentRoot ${www(room)}\n`,
      ),
    ],
  },
  lighttpd: {
    program: 'lighttpd',
    command: (room) => [
      'lighttpd',
      '-D',
      '-f',
      file(
        room,
        'lighttpd.conf',
        `server.port=${room.port}\nserver.bind="127.0.0.1"\nserver.document-root="${www(room)}"\n`,
      ),
    ],
  },
  redis: {
    program: 'redis-server',
    request: 'PING\\r\\n',
    command: ({ port, folder }) => ['redis-server', '--port', `${port}`, '--save', '', '--dir', folder],
  },
  memcached: {
    program: 'memcached',
    command: ({ port }) => ['memcached', '-l', '127.0.0.1', '-u', 'nobody', '-p', `${port}`],
  },
  haproxy: {
    program: 'haproxy',
    command: (room) => [
      'haproxy',
      '-db',
      '-f',
      file(
        room,
        'haproxy.cfg',
        `defaults\n mode tcp\n timeout client 10s\n timeout connect 1s\n timeout server 10s
frontend f\n bind 127.0.0.1:${room.port}\n default_backend b\nbackend b\n server s 127.0.0.1:1\n`,
      ),
    ],
  },
  'socat, for one client': {
    program: 'socat',
    command: ({ port }) => ['socat', `TCP-LISTEN:${port},bind=127.0.0.1`, 'EXEC:cat'],
  },
  'socat, a process for each client': {
    program: 'socat',
    outcome: 'racy',
    command: ({ port }) => ['socat', `TCP-LISTEN:${port},bind=127.0.0.1,fork`, 'EXEC:cat'],
  },
  'socat with reuseaddr': {
    program: 'socat',
    command: ({ port }) => ['socat', `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, 'EXEC:cat'],
  },
  'busybox httpd': {
    program: 'busybox',
    command: (room) => ['busybox', 'httpd', '-f', '-p', `127.0.0.1:${room.port}`, '-h', www(room)],
  },
  'php -S': { program: 'php', command: (room) => ['php', '-S', `127.0.0.1:${room.port}`, '-t', www(room)] },
  'perl without ReuseAddr': { program: 'perl', command: (room) => perl(room, '') },
  'perl with ReuseAddr': { program: 'perl', command: (room) => perl(room, 'ReuseAddr => 1') },
  'a shell around it': {
    program: 'bash',
    command: ({ port }) => ['bash', '-c', `node ${fixture('plain.cjs')} ${port}; true`],
  },
  'a shell that becomes it': {
    program: 'bash',
    command: ({ port }) => ['bash', '-c', `exec node ${fixture('plain.cjs')} ${port}`],
  },
  'setsid below a shell': {
    program: 'setsid',
    command: ({ port }) => ['sh', '-c', `setsid --wait node ${fixture('plain.cjs')} ${port}; true`],
  },
  'a Unix socket': {
    program: 'node',
    command: ({ folder }) => ['node', fixture('plain.cjs'), join(folder, 'socket')],
    path: ({ folder }) => join(folder, 'socket'),
  },
  'an abstract socket': {
    ...python('abstract', ({ folder }) =>
      // Filled up with NULs, as Node 20 does it, which by hand is the client.
      keepingAll(`s = socket.socket(socket.AF_UNIX); s.bind("\\0${folder}".ljust(108, "\\0"))`),
    ),
    path: ({ folder }) => `@${folder}`,
  },
};
