import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { file, kind, type Room, type ServerKind, site, slow, smallLoad } from './kind.ts';

const go = (port: number) => `package main

import (
	"net/http"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(time.Second)
		}
		w.Write([]byte("hello"))
	})
	panic(http.ListenAndServe("127.0.0.1:${port}", nil))
}
`;

function builtInGo(room: Room): readonly string[] {
  const program = join(room.folder, 'server');
  const source = file(room, 'server.go', go(room.port));
  const env = { ...process.env, GOCACHE: join(room.modules, 'go'), GO111MODULE: 'off' };
  const { status, stderr } = spawnSync('go', ['build', '-o', program, source], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`go build: ${stderr.split('\n')[0]}`);
  return [program];
}

const daemon = (port: number) => `use HTTP::Daemon; use HTTP::Response;
$SIG{CHLD} = 'IGNORE';
my $d = HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => ${port}, Listen => 64, ReuseAddr => 1) or die "bind: $!";
while (my $c = $d->accept) {
  next if fork;
  while (my $r = $c->get_request) {
    sleep 1 if $r->uri->path eq '/slow';
    $c->send_response(HTTP::Response->new(200, 'OK', [], 'hello'));
  }
  exit;
}
`;

const psgi = `my $app = sub { my $env = shift; sleep 1 if $env->{PATH_INFO} eq '/slow'; [200, ['Content-Length' => 5], ['hello']] };\n`;

export const ofOthers = {
  'go-http': kind('Go', 'net/http', 'go', 'golang-go', builtInGo, slow),
  caddy: kind('Go', 'Caddy', 'caddy', 'caddy', (room) => [
    ...['env', `HOME=${room.folder}`, 'caddy', 'run', '--adapter', 'caddyfile', '--config'],
    file(
      room,
      'Caddyfile',
      `{\n\tadmin off\n\tauto_https off\n}\nhttp://127.0.0.1:${room.port} {\n\trespond hello\n}\n`,
    ),
  ]),
  'php-s': kind('C', 'php -S', 'php', 'php8.2-cli', (room) => [
    ...['php', '-S', `127.0.0.1:${room.port}`, '-t', site(room)],
  ]),
  'http-daemon': kind(
    'Perl',
    'HTTP::Daemon (a process per connection)',
    'perl',
    'libhttp-daemon-perl',
    (room) => ['perl', file(room, 'server.pl', daemon(room.port))],
    slow,
  ),
  starman: kind(
    'Perl',
    'Starman (5 workers)',
    'starman',
    'starman',
    (room) => ['starman', '--listen', `127.0.0.1:${room.port}`, file(room, 'app.psgi', psgi)],
    { load: smallLoad, graceful: 'SIGQUIT' },
  ),
  mojolicious: kind(
    'Perl',
    'Mojolicious',
    'perl',
    'libmojolicious-perl',
    (room) => [
      'perl',
      file(
        room,
        'server.pl',
        `use Mojolicious::Lite -signatures; use Mojo::IOLoop;
get '/' => sub ($c) { $c->render(text => 'hello') };
get '/slow' => sub ($c) { $c->render_later; Mojo::IOLoop->timer(1 => sub { $c->render(text => 'hello') }) };
app->start;
`,
      ),
      ...['daemon', '-m', 'production', '-l', `http://127.0.0.1:${room.port}`],
    ],
    slow,
  ),
  'erlang-httpd': kind('Erlang', 'inets httpd', 'erl', 'erlang-inets', (room) => [
    ...['erl', '-noshell', '-eval'],
    `inets:start(), {ok, _} = inets:start(httpd, [{port, ${room.port}}, {bind_address, {127,0,0,1}}, {server_name, "localhost"}, {server_root, "${room.folder}"}, {document_root, "${site(room)}"}, {directory_index, ["index.html"]}]).`,
  ]),
  yaws: kind('Erlang', 'Yaws', 'yaws', 'yaws', (room) => [
    ...['env', `HOME=${room.folder}`, 'yaws', '-i', '--conf'],
    file(
      room,
      'yaws.conf',
      `logdir = ${room.folder}\nebin_dir = ${room.folder}\n<server localhost>\n  port = ${room.port}\n  listen = 127.0.0.1\n  docroot = ${site(room)}\n</server>\n`,
    ),
    '--id',
    `t${room.port}`,
  ]),
} satisfies Readonly<Record<string, ServerKind>>;
