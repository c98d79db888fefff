import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksOf } from '../../../src/prose.ts';
import { goAdvice } from '../../../src/restart/load/go-shutdown.ts';
import { goProgram } from '../../support/go.ts';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { nginxPaths } from '../../support/nginx.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-any');

type Command = (port: number) => readonly string[];
type Options = readonly string[];

const python: Command = (port) => ['python3', fixture('logged.py'), String(port), '/dev/null', 'drain'];
const perl =
  (slow: string): Command =>
  (port) => ['perl', fixture('ways.pl'), String(port), 'advised', slow];
const gunicorn: Command = (port) => [
  ...['env', 'LOG=/dev/null', 'SLOW=2.5', `PYTHONPATH=${fixture('')}`, 'gunicorn', '--threads', '60'],
  ...['--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'],
];
const go: Command = (port) => {
  const program = goProgram(
    folder,
    `func answer(w http.ResponseWriter, r *http.Request) {
  if r.URL.Path == "/slow" { time.Sleep(400 * time.Millisecond) }
  w.Write([]byte("hello"))
}
func serve(srv *http.Server) {
  var l net.Listener
  if os.Getenv("LISTEN_FDS") != "" {
    l, _ = net.FileListener(os.NewFile(3, ""))
  } else {
    l, _ = net.Listen("tcp", srv.Addr)
  }
  srv.Serve(l)
}
func main() {
  srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(answer)}
  ${(blocksOf(goAdvice).find(({ kind }) => kind === 'code')?.text ?? '').replaceAll('srv.ListenAndServe()', 'serve(srv)')}
}
`,
  );
  return [program, String(port)];
};
const nginx: Command = (port) => {
  const own = join(folder, String(port));
  mkdirSync(own, { mode: 0o777 });
  const file = join(own, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; pid ${own}/nginx.pid; error_log /dev/null; events {}
http { access_log off; ${nginxPaths(own)} server { listen 127.0.0.1:${port}; return 200 hello; } }
`,
  );
  return ['nginx', '-c', file];
};
const haproxy: Command = (port) => {
  const file = join(folder, `${port}.cfg`);
  const lines = [
    ...['defaults', ' mode http', ' timeout client 30s', ' timeout connect 5s', ' timeout server 30s'],
    ...['frontend front', ` bind 127.0.0.1:${port}`],
    ' http-request return status 200 content-type text/plain string hello',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return ['haproxy', '-W', '-db', '-f', file];
};
/** It begins late, as one that loads much. */
const late =
  (command: Command): Command =>
  (port) => ['sh', '-c', 'sleep 2.5; exec "$@"', 'sh', ...command(port)];

const listenFds = () => ['--listen-fds', String(somePort())];
const withSlow = 'new=40/s,pooled=10,idle=4,slow=4';
const plain = 'new=40/s,pooled=10,idle=4';

interface Remedy {
  readonly cause: string;
  readonly says: RegExp;
  readonly of: Command;
  readonly failing: Options;
  readonly repaired: Options;
  readonly load: string;
}

const killed = { cause: 'killed', failing: ['--signal', 'KILL'], load: plain } as const;
const tooLong = { cause: 'drain-too-long', says: /^raise the limit/, load: withSlow } as const;
const limits = { failing: ['--drain', '500ms'], repaired: ['--drain', '15s'] } as const;

const remedies: Readonly<Record<string, Remedy>> = {
  'python3: TERM instead of KILL': { ...killed, says: /such as TERM/, of: python, repaired: [] },
  'perl: TERM instead of KILL': {
    ...killed,
    says: /such as TERM/,
    of: perl('0.4'),
    repaired: [],
    load: withSlow,
  },
  'gunicorn: TERM instead of KILL': { ...killed, says: /such as TERM/, of: gunicorn, repaired: [] },
  'go: TERM instead of KILL': { ...killed, says: /such as TERM/, of: go, repaired: [], load: withSlow },
  'haproxy: USR1 instead of KILL': {
    ...killed,
    says: /^send USR1 first/,
    of: haproxy,
    repaired: ['--signal', 'USR1'],
  },
  'python3: a longer --drain': { ...tooLong, ...limits, failing: ['--drain', '250ms'], of: python },
  'perl: a longer --drain': { ...tooLong, ...limits, of: perl('2.5') },
  'gunicorn: a longer --drain': { ...tooLong, ...limits, of: gunicorn },
  'go: a longer --drain': { ...tooLong, ...limits, of: go },
  'python3: a listener that is kept, for a slow start': {
    ...{ cause: 'slow-start', says: /--listen-fds/, of: late(python), failing: [], load: withSlow },
    repaired: listenFds(),
  },
  'perl: a load balancer that stops first, for a slow start': {
    ...{ cause: 'slow-start', says: /--pre-stop/, of: late(perl('0.4')), failing: [], load: withSlow },
    repaired: ['--pre-stop', '800ms'],
  },
  'nginx: a reload, for a slow start': {
    ...{
      cause: 'slow-start',
      says: /--reload HUP/,
      of: late(nginx),
      failing: ['--signal', 'QUIT'],
      load: plain,
    },
    repaired: ['--reload', 'HUP'],
  },
  'python3: a listener that is kept': {
    ...{ cause: 'outage', says: /--listen-fds/, of: python, failing: [], load: withSlow },
    repaired: listenFds(),
  },
  'go: a listener that is kept': {
    ...{ cause: 'outage', says: /--listen-fds/, of: go, failing: [], load: withSlow },
    repaired: listenFds(),
  },
  'gunicorn: a listener that is kept': {
    ...{ cause: 'outage', says: /--listen-fds/, of: gunicorn, failing: [], load: plain },
    repaired: listenFds(),
  },
  'nginx: a reload': {
    ...{ cause: 'outage', says: /--reload HUP/, of: nginx, failing: ['--signal', 'QUIT'], load: plain },
    repaired: ['--reload', 'HUP'],
  },
  'haproxy: a reload': {
    ...{ cause: 'outage', says: /--reload USR2/, of: haproxy, failing: ['--signal', 'USR1'], load: plain },
    repaired: ['--reload', 'USR2'],
  },
};

/** They close what is idle, and have no setting that waits: another remedy is for that. */
const closesIdle = ['nginx', 'haproxy', 'gunicorn'];
const ofIdle = ['cuts-keep-alive', 'no-connection-close', 'accept-queue-dropped'];
const ofHandover = ['outage', 'slow-start'];

describe.concurrent('a remedy that is the same for all languages helps', () => {
  test.for(Object.entries(remedies))('%s', async ([title, remedy], context) => {
    const [program = ''] = title.split(':');
    const why = missing(program);
    if (why !== null) return context.skip(why);
    const { cause, says, of, failing, repaired, load } = remedy;
    const before = await lossesOf(of, failing, load);
    const loss = before.find((one) => one.cause === cause);
    expect(loss, `none of ${before.map((one) => one.cause)}`).toBeDefined();
    expect(loss?.remedy).toMatch(says);
    const after = await lossesOf(of, repaired, load);
    const left = [
      ...(ofHandover.includes(cause) ? [] : ofHandover),
      ...(closesIdle.includes(program) ? ofIdle : []),
    ];
    // A connection may arrive just when a listener is closed, whatever the server does.
    const isMeant = (one: (typeof after)[number]) =>
      left.includes(one.cause) || (one.cause === 'accept-queue-dropped' && one.lost <= 2);
    expect(after.filter((one) => !isMeant(one))).toEqual([]);
  });
});

async function lossesOf(command: Command, options: Options, load: string) {
  const slow = load.includes('slow=') ? ['--slow-path', '/slow'] : [];
  const run = await observed(() =>
    restart(['--load', load, ...slow, ...options], command(somePort()), {
      env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    }),
  );
  return run.load.losses;
}
