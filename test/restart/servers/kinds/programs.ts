import { join } from 'node:path';
import { isRoot } from '../../../support/machine.ts';
import { nginxPaths } from '../../../support/nginx.ts';
import { file, get, type Kind, type Room, www } from './kind.ts';

const perl = (room: Room, reuse: string) => [
  'perl',
  file(
    room,
    'server.pl',
    `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => ${room.port}, Listen => 64, ${reuse}) or die "bind: $!";
     my @kept; while (my $c = $s->accept) { push @kept, $c }`,
  ),
];

const nginx = (room: Room, daemon: 'on' | 'off') => {
  const settings = `daemon ${daemon}; pid ${room.folder}/nginx.pid; error_log ${room.folder}/nginx.log; worker_processes 2; ${isRoot ? 'user nobody nogroup;' : ''}
    events {} http { access_log off; ${nginxPaths(room.folder)} server { listen 127.0.0.1:${room.port}; } }`;
  return ['nginx', '-c', file(room, 'nginx.conf', settings)];
};

export const programs: Readonly<Record<string, Kind>> = {
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
};
