import { file, kind, type ServerKind, site, slow, smallLoad } from './kind.ts';

const wsgi = `import time
def app(environ, start):
    time.sleep(1 if environ["PATH_INFO"] == "/slow" else 0)
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]
`;
const asgi = `import asyncio
async def app(scope, receive, send):
    if scope["type"] != "http": return
    await asyncio.sleep(1 if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})
`;
/** Debian's own: its packages are not for another Python that may come first in PATH. */
const python = '/usr/bin/python3';

function ofPackage(
  title: string,
  debian: string,
  command: ServerKind['command'],
  more: Partial<ServerKind> = {},
): ServerKind {
  return kind('Python', title, python, debian, command, more);
}

function script(title: string, debian: string, text: (port: number) => string): ServerKind {
  return ofPackage(title, debian, (room) => [python, file(room, 'server.py', text(room.port))], slow);
}

function gunicorn(title: string, workers: readonly string[], more: Partial<ServerKind>): ServerKind {
  return ofPackage(
    title,
    'gunicorn',
    (room) => {
      file(room, 'app.py', wsgi);
      return ['gunicorn', '-b', `127.0.0.1:${room.port}`, ...workers, '--chdir', room.folder, 'app:app'];
    },
    { program: 'gunicorn', ...more },
  );
}

export const ofPython = {
  'http.server': ofPackage('http.server', 'python3', (room) => [
    python,
    '-m',
    'http.server',
    '-d',
    site(room),
    '-b',
    '127.0.0.1',
    `${room.port}`,
  ]),
  'gunicorn-sync': gunicorn('gunicorn (2 sync workers)', ['-w', '2'], {
    load: smallLoad,
  }),
  'gunicorn-gthread': gunicorn('gunicorn (gthread)', ['-w', '2', '--threads', '20'], slow),
  uvicorn: ofPackage(
    'uvicorn',
    'python3-uvicorn',
    (room) => {
      file(room, 'app.py', asgi);
      return [
        'uvicorn',
        '--host',
        '127.0.0.1',
        '--port',
        `${room.port}`,
        '--app-dir',
        room.folder,
        'app:app',
      ];
    },
    { program: 'uvicorn', ...slow },
  ),
  daphne: ofPackage(
    'daphne',
    'daphne',
    (room) => {
      file(room, 'app.py', asgi);
      return [
        'env',
        `PYTHONPATH=${room.folder}`,
        'daphne',
        '-b',
        '127.0.0.1',
        '-p',
        `${room.port}`,
        'app:app',
      ];
    },
    { program: 'daphne', ...slow },
  ),
  waitress: script(
    'waitress (4 threads)',
    'python3-waitress',
    (port) => `${wsgi}from waitress import serve
serve(app, host="127.0.0.1", port=${port})
`,
  ),
  uwsgi: ofPackage(
    'uWSGI (http)',
    'uwsgi-core',
    (room) => [
      ...[
        'uwsgi',
        '--plugins',
        'http,python3',
        '--http',
        `127.0.0.1:${room.port}`,
        '--master',
        '--threads',
        '20',
      ],
      ...[
        '--http-keepalive',
        '--die-on-term',
        '--wsgi-file',
        file(room, 'app.py', wsgi),
        '--callable',
        'app',
      ],
    ],
    { program: 'uwsgi', ...slow },
  ),
  twisted: script(
    'Twisted web',
    'python3-twisted',
    (port) => `from twisted.internet import reactor
from twisted.web import resource, server
class Page(resource.Resource):
    isLeaf = True
    def render_GET(self, request):
        def answer():
            request.write(b"hello"); request.finish()
        reactor.callLater(1 if request.path == b"/slow" else 0, answer)
        request.setHeader(b"Content-Length", b"5")
        return server.NOT_DONE_YET
reactor.listenTCP(${port}, server.Site(Page()), interface="127.0.0.1")
reactor.run()
`,
  ),
  tornado: script(
    'Tornado',
    'python3-tornado',
    (port) => `import asyncio, tornado.web
class Page(tornado.web.RequestHandler):
    async def get(self):
        await asyncio.sleep(1 if self.request.path == "/slow" else 0)
        self.write("hello")
async def main():
    tornado.web.Application([(r"/.*", Page)]).listen(${port}, "127.0.0.1")
    await asyncio.Event().wait()
asyncio.run(main())
`,
  ),
  aiohttp: script(
    'aiohttp',
    'python3-aiohttp',
    (port) => `import asyncio
from aiohttp import web
async def page(request):
    await asyncio.sleep(1 if request.path == "/slow" else 0)
    return web.Response(text="hello")
app = web.Application()
app.router.add_get("/{any:.*}", page)
web.run_app(app, host="127.0.0.1", port=${port})
`,
  ),
} satisfies Readonly<Record<string, ServerKind>>;
