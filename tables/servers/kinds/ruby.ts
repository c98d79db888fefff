import { file, kind, type ServerKind, slow, smallLoad } from './kind.ts';

const rack = `class App
  def call(env)
    sleep 1 if env["PATH_INFO"] == "/slow"
    [200, { "Content-Type" => "text/plain", "Content-Length" => "5" }, ["hello"]]
  end
end
run App.new
`;

export const ofRuby = {
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
} satisfies Readonly<Record<string, ServerKind>>;
