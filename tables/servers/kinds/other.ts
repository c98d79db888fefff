import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { file, kind, type Room, type ServerKind, site, smallLoad } from './kind.ts';

const slow = { slowPath: '/slow' } as const;

const rack = `class App
  def call(env)
    sleep 1 if env["PATH_INFO"] == "/slow"
    [200, { "Content-Type" => "text/plain", "Content-Length" => "5" }, ["hello"]]
  end
end
run App.new
`;

const java = (folder: string, name: string, text: string, jars: readonly string[]) => [
  'java',
  ...(jars.length === 0 ? [] : ['-cp', jars.map((jar) => `/usr/share/java/${jar}.jar`).join(':')]),
  file({ port: 0, folder, modules: '' }, `${name}.java`, text),
];

const sun = (port: number) => `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
public class Sun {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", ${port}), 0);
    server.createContext("/", exchange -> {
      if (exchange.getRequestURI().getPath().equals("/slow")) try { Thread.sleep(1000); } catch (InterruptedException e) { }
      exchange.sendResponseHeaders(200, 5);
      exchange.getResponseBody().write("hello".getBytes());
      exchange.close();
    });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }
}
`;

const servlet = (imports: string) => `${imports}
import java.io.IOException;
public class Main {
  static class Page extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      if (request.getRequestURI().equals("/slow")) try { Thread.sleep(1000); } catch (InterruptedException e) { }
      response.setContentLength(5);
      response.getOutputStream().write("hello".getBytes());
    }
  }
`;

const jetty = (port: number) => `import javax.servlet.http.*;
import org.eclipse.jetty.server.*;
import org.eclipse.jetty.servlet.*;
${servlet('')}
  public static void main(String[] args) throws Exception {
    Server server = new Server(new java.net.InetSocketAddress("127.0.0.1", ${port}));
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new Page()), "/");
    server.setHandler(context);
    server.start();
  }
}
`;

const tomcat = ({ port, folder }: Room) => `import jakarta.servlet.http.*;
import org.apache.catalina.startup.Tomcat;
${servlet('')}
  public static void main(String[] args) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir("${folder}");
    tomcat.setPort(${port});
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "page", new Page());
    context.addServletMappingDecoded("/", "page");
    tomcat.start();
    tomcat.getServer().await();
  }
}
`;

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
  webrick: kind(
    'Ruby',
    'WEBrick',
    'ruby',
    'ruby-webrick',
    (room) => [
      'ruby',
      file(
        room,
        'server.rb',
        `require "webrick"
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ${room.port}, AccessLog: [])
server.mount_proc("/") { |q, r| sleep 1 if q.path == "/slow"; r.body = "hello" }
trap("TERM") { server.shutdown }
server.start
`,
      ),
    ],
    slow,
  ),
  puma: kind('Ruby', 'Puma (5 threads)', 'puma', 'puma', (room) => [
    'puma',
    '-b',
    `tcp://127.0.0.1:${room.port}`,
    file(room, 'config.ru', rack),
  ]),
  thin: kind('Ruby', 'Thin', 'thin', 'thin', (room) => [
    ...['thin', '-a', '127.0.0.1', '-p', `${room.port}`, '-R', file(room, 'config.ru', rack), 'start'],
  ]),
  unicorn: kind(
    'Ruby',
    'Unicorn (1 worker)',
    'unicorn',
    'unicorn',
    (room) => ['unicorn', '-l', `127.0.0.1:${room.port}`, file(room, 'config.ru', rack)],
    { graceful: 'SIGQUIT', load: smallLoad },
  ),
  'java-httpserver': kind(
    'Java',
    'com.sun.net.httpserver',
    'java',
    'openjdk-17-jre-headless',
    ({ port, folder }) => java(folder, 'Sun', sun(port), []),
    slow,
  ),
  jetty: kind(
    'Java',
    'Jetty (embedded)',
    'java',
    'libjetty9-java',
    ({ port, folder }) =>
      java(folder, 'Main', jetty(port), [
        ...['jetty9-server', 'jetty9-servlet', 'jetty9-util', 'jetty9-http', 'jetty9-io', 'jetty9-security'],
        ...['jetty9-util-ajax', 'servlet-api'],
      ]),
    slow,
  ),
  tomcat: kind(
    'Java',
    'Tomcat (embedded)',
    'java',
    'libtomcat10-embed-java',
    (room) => java(room.folder, 'Main', tomcat(room), ['tomcat10-embed-core', 'tomcat10-embed-el']),
    slow,
  ),
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
