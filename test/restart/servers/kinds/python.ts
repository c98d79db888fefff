import { file, get, type Kind, type Room, www } from './kind.ts';

export const python = (name: string, text: (room: Room) => string) => ({
  program: 'python3',
  command: (room: Room) => ['python3', file(room, `${name}.py`, text(room))],
});

export const keepingAll = (listener: string) => `
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

const gunicorn = (room: Room, ...workers: readonly string[]) => {
  file(room, 'app.py', 'def app(environ, start):\n    start("200 OK", [])\n    return [b"hello"]\n');
  return ['gunicorn', '-b', `127.0.0.1:${room.port}`, ...workers, '--chdir', room.folder, 'app:app'];
};

export const ofPython: Readonly<Record<string, Kind>> = {
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
};
