import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { serverPorts } from '../../../src/lab/hosts/ports.ts';
import { file, kind, type Room, type ServerKind, site } from './kind.ts';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function nginx(room: Room): readonly string[] {
  const paths = temporary.map((name) => `${name}_temp_path ${room.folder}/${name};`).join(' ');
  const text = `daemon off; pid ${room.folder}/nginx.pid; error_log ${room.folder}/nginx.log; user nobody nogroup; worker_processes 2;
events {}
http { access_log off; ${paths} server { listen 127.0.0.1:${room.port}; root ${site(room)};
location = /slow { limit_rate 40k; limit_rate_after 1k; } } }
`;
  return ['nginx', '-c', file(room, 'nginx.conf', text)];
}

function apache(room: Room): readonly string[] {
  const modules = '/usr/lib/apache2/modules';
  const text = `ServerRoot "${room.folder}"
Listen 127.0.0.1:${room.port}
PidFile ${room.folder}/apache.pid
ErrorLog ${room.folder}/apache.log
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule dir_module ${modules}/mod_dir.so
LoadModule env_module ${modules}/mod_env.so
LoadModule ratelimit_module ${modules}/mod_ratelimit.so
User nobody
Group nogroup
ServerName localhost
DocumentRoot ${site(room)}
<Location "/slow">
  SetOutputFilter RATE_LIMIT
  SetEnv rate-limit 40
</Location>
`;
  return ['apache2', '-DFOREGROUND', '-f', file(room, 'apache.conf', text)];
}

const haproxy = (room: Room) => `defaults
  mode http
  timeout client 10s
  timeout connect 1s
  timeout server 10s
frontend front
  bind 127.0.0.1:${room.port}
  http-request return status 200 content-type text/plain string hello
`;

const microhttpd = (port: number) => `#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
static enum MHD_Result page(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                            const char *version, const char *data, size_t *size, void **state) {
  static int begun;
  if (*state == NULL) { *state = &begun; return MHD_YES; }
  if (strcmp(url, "/slow") == 0) sleep(1);
  struct MHD_Response *r = MHD_create_response_from_buffer(5, "hello", MHD_RESPMEM_PERSISTENT);
  enum MHD_Result result = MHD_queue_response(c, 200, r);
  MHD_destroy_response(r);
  return result;
}
int main(void) {
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(${port}) };
  inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
  if (!MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, page, NULL,
                        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END)) { perror("MHD_start_daemon"); return 1; }
  for (;;) pause();
}
`;

function compiled(room: Room): readonly string[] {
  const source = file(room, 'server.c', microhttpd(room.port));
  const program = join(room.folder, 'server');
  const { status, stderr } = spawnSync('cc', ['-o', program, source, '-lmicrohttpd'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cc: ${stderr.split('\n')[0]}`);
  return [program];
}

export const ofC = {
  nginx: kind('C', 'nginx', 'nginx', 'nginx', nginx, { slowPath: '/slow', graceful: 'SIGQUIT' }),
  apache: kind('C', 'Apache (event)', 'apache2', 'apache2-bin', apache, {
    slowPath: '/slow',
    graceful: 'SIGWINCH',
  }),
  lighttpd: kind(
    'C',
    'lighttpd',
    'lighttpd',
    'lighttpd',
    (room) => [
      ...['lighttpd', '-D', '-f'],
      file(
        room,
        'lighttpd.conf',
        `server.port = ${room.port}
server.bind = "127.0.0.1"
server.document-root = "${site(room)}"
index-file.names = ("index.html")
$HTTP["url"] == "/slow" { connection.kbytes-per-second = 40 }
`,
      ),
    ],
    { slowPath: '/slow', graceful: 'SIGINT' },
  ),
  h2o: kind('C', 'h2o', 'h2o', 'h2o', (room) => [
    ...['h2o', '-c'],
    file(
      room,
      'h2o.conf',
      `user: nobody
listen: { host: 127.0.0.1, port: ${room.port} }
hosts: { default: { paths: { "/": { file.dir: ${site(room)} } } } }
`,
    ),
  ]),
  haproxy: kind(
    'C',
    'HAProxy (timeout client 10s)',
    'haproxy',
    'haproxy',
    (room) => ['haproxy', '-db', '-f', file(room, 'haproxy.cfg', haproxy(room))],
    { graceful: 'SIGUSR1' },
  ),
  varnish: kind('C', 'Varnish', 'varnishd', 'varnish', (room) => [
    ...[
      'varnishd',
      '-F',
      '-a',
      `127.0.0.1:${room.port}`,
      '-T',
      `127.0.0.1:${serverPorts(1)[0]}`,
      '-n',
      join(room.folder, 'v'),
    ],
    ...['-f', file(room, 'v.vcl', 'vcl 4.1; backend none none; sub vcl_recv { return (synth(200)); }\n')],
  ]),
  busybox: kind('C', 'busybox httpd', 'busybox', 'busybox', (room) => [
    ...['busybox', 'httpd', '-f', '-p', `127.0.0.1:${room.port}`, '-h', site(room)],
  ]),
  microhttpd: kind('C', 'libmicrohttpd (a thread per connection)', 'cc', 'libmicrohttpd-dev', compiled, {
    slowPath: '/slow',
  }),
  redis: kind(
    'C',
    'Redis',
    'redis-server',
    'redis-server',
    ({ port, folder }) => [
      'redis-server',
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      folder,
    ],
    { request: 'PING\r\n', answer: '^\\+PONG\\r\\n$' },
  ),
  memcached: kind(
    'C',
    'memcached',
    'memcached',
    'memcached',
    ({ port }) => ['memcached', '-l', '127.0.0.1', '-u', 'nobody', '-p', `${port}`],
    { request: 'version\r\n', answer: '^VERSION .*\\r\\n$' },
  ),
} satisfies Readonly<Record<string, ServerKind>>;
