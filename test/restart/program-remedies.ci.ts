import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goProgram } from '../support/go.ts';
import { missing } from '../support/machine.ts';
import { nginxPaths } from '../support/nginx.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-programs');
chmodSync(folder, 0o755);

type Start = readonly [command: (port: number) => readonly string[], ...options: string[]];

interface Remedy {
  readonly needs: string;
  readonly cause: string;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly failing: Start;
  readonly repaired: Start;
}

const request = ['--request', 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'] as const;
const soon = ['--stop-timeout', '4s'] as const;
const later = ['--stop-timeout', '60s'] as const;
const quit = ['--signal', 'QUIT'] as const;
const usr1 = ['--signal', 'USR1'] as const;
const kill = ['--signal', 'KILL'] as const;

const python = ['env', 'LOG=/dev/null', `PYTHONPATH=${fixture('')}`];
/** A thread waits for the request of its client. */
const gunicorn =
  (...more: readonly string[]) =>
  (port: number) => [
    ...[...python, 'gunicorn', '--threads', '4', ...more, '--bind', `127.0.0.1:${port}`],
    'logged_wsgi:app',
  ];
const uvicorn =
  (...more: readonly string[]) =>
  (port: number) => [
    ...[...python, 'uvicorn', '--log-level', 'warning', ...more, '--port', `${port}`],
    'streaming_asgi:app',
  ];
const uvicornBelowGunicorn = (port: number) => [
  ...[...python, 'gunicorn', '-k', 'uvicorn.workers.UvicornWorker', '--graceful-timeout', '1'],
  ...['--bind', `127.0.0.1:${port}`, 'streaming_asgi:app'],
];

const haproxy =
  (...global: readonly string[]) =>
  (port: number) => {
    const file = join(folder, `${port}.cfg`);
    const lines = [
      ...['global', ...global, 'defaults', 'mode http', 'timeout client 15s', 'timeout connect 5s'],
      ...['timeout server 30s', 'frontend f', `bind 127.0.0.1:${port}`, 'http-request return status 200'],
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['haproxy', '-db', '-f', file];
  };

/** Its answer takes half a minute. */
const nginx =
  (...settings: readonly string[]) =>
  (port: number) => {
    const own = join(folder, String(port));
    mkdirSync(own);
    chmodSync(own, 0o777);
    writeFileSync(join(own, 'index.html'), 'x'.repeat(300_000));
    const file = join(own, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${own}/nginx.pid; error_log /dev/null; ${settings.join(' ')} events {}
http { access_log off; ${nginxPaths(own)} server { listen 127.0.0.1:${port}; root ${own}; limit_rate 10k; } }
`,
    );
    return ['nginx', '-c', file];
  };

/** Its answer never ends. */
const go = (waits: string) => (port: number) => [
  goProgram(
    folder,
    `func answer(w http.ResponseWriter, r *http.Request) {
  for {
    fmt.Fprint(w, "data: 1\\n\\n")
    w.(http.Flusher).Flush()
    select {
    case <-r.Context().Done(): return
    case <-time.After(200 * time.Millisecond):
    }
  }
}
func main() {
  srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(answer)}
  stop := make(chan os.Signal, 1)
  signal.Notify(stop, syscall.SIGTERM)
  go srv.ListenAndServe()
  <-stop
  ${waits}
}
`,
  ),
  String(port),
];

const remedies: Readonly<Record<string, Remedy>> = {
  'gunicorn: a shorter --graceful-timeout': {
    needs: 'gunicorn',
    cause: 'still-running',
    says: /^set --graceful-timeout below --stop-timeout/,
    failing: [gunicorn(), ...soon],
    repaired: [gunicorn('--graceful-timeout', '1'), ...soon],
  },
  'gunicorn: more time than its --graceful-timeout': {
    needs: 'gunicorn',
    cause: 'still-running',
    says: /or allow more time with --stop-timeout$/,
    failing: [gunicorn('--graceful-timeout', '6'), ...soon],
    repaired: [gunicorn('--graceful-timeout', '6'), ...later],
  },
  'uvicorn: --timeout-graceful-shutdown': {
    needs: 'uvicorn',
    cause: 'still-running',
    says: /^set --timeout-graceful-shutdown/,
    failing: [uvicorn(), ...request, ...soon],
    repaired: [uvicorn('--timeout-graceful-shutdown', '1'), ...request, ...soon],
  },
  'uvicorn: below gunicorn, with --graceful-timeout': {
    needs: 'uvicorn',
    cause: 'still-running',
    says: /run it below gunicorn with -k uvicorn\.workers\.UvicornWorker/,
    failing: [uvicorn(), ...request, ...soon],
    repaired: [uvicornBelowGunicorn, ...request, ...soon],
  },
  'HAProxy: hard-stop-after': {
    needs: 'haproxy',
    cause: 'still-running',
    says: /^set hard-stop-after in its global section/,
    failing: [haproxy(), ...usr1, ...soon],
    repaired: [haproxy('hard-stop-after 1s'), ...usr1, ...soon],
  },
  'HAProxy: more time than its timeout client': {
    needs: 'haproxy',
    cause: 'still-running',
    says: /or allow more time with --stop-timeout$/,
    failing: [haproxy(), ...usr1, ...soon],
    repaired: [haproxy(), ...usr1, ...later],
  },
  'nginx: worker_shutdown_timeout': {
    needs: 'nginx',
    cause: 'still-running',
    says: /^set worker_shutdown_timeout/,
    failing: [nginx(), ...request, ...quit, ...soon],
    repaired: [nginx('worker_shutdown_timeout 1s;'), ...request, ...quit, ...soon],
  },
  'Go: Shutdown() with a deadline, and then Close()': {
    needs: 'go',
    cause: 'still-running',
    says: /^give Shutdown\(\) a context with a deadline .* call Close\(\)/,
    failing: [go('srv.Shutdown(context.Background())'), ...request, ...soon],
    repaired: [
      go(`limit, cancel := context.WithTimeout(context.Background(), time.Second)
  defer cancel()
  if srv.Shutdown(limit) != nil { srv.Close() }`),
      ...[...request, ...soon],
    ],
  },
  'nginx: QUIT and worker_shutdown_timeout instead of KILL': {
    needs: 'nginx',
    cause: 'surviving-listener',
    says: /\(--signal QUIT, with worker_shutdown_timeout set; .*KILL gives it no time to end its workers$/,
    failing: [nginx(), ...kill],
    repaired: [nginx('worker_shutdown_timeout 1s;'), ...quit],
  },
  'nginx: TERM instead of KILL': {
    needs: 'nginx',
    cause: 'surviving-listener',
    says: /or TERM, which ends its workers at once\)/,
    failing: [nginx(), ...kill],
    repaired: [nginx()],
  },
  'gunicorn: TERM instead of KILL': {
    needs: 'gunicorn',
    cause: 'surviving-listener',
    says: /\(--signal TERM\): KILL gives it no time to end its workers$/,
    // A worker that waits for a request does not see that its parent is gone.
    failing: [gunicorn('--threads', '1', '--workers', '2'), ...kill],
    repaired: [gunicorn('--threads', '1', '--workers', '2', '--graceful-timeout', '1')],
  },
};

/** An option that older releases do not have. */
const isOld = () =>
  !(spawnSync('uvicorn', ['--help'], { encoding: 'utf8' }).stdout ?? '').includes(
    '--timeout-graceful-shutdown',
  );

describe.concurrent('what each program is advised to do helps: its restart succeeds then', () => {
  test.for(Object.entries(remedies))('%s', async ([title, remedy], context) => {
    const { needs, cause, says, failing, repaired } = remedy;
    const why = missing(needs);
    if (why !== null) return context.skip(why);
    if (title.endsWith('--timeout-graceful-shutdown') && isOld())
      return context.skip('this uvicorn has no --timeout-graceful-shutdown');
    const failed = await runOf(failing);
    expect(failed).toMatchObject({ verdict: 'fails', cause });
    expect(failed?.evidence?.remedy).toMatch(says);
    expect(await runOf(repaired)).toMatchObject({ verdict: 'survives', cause: null });
  });
});

async function runOf([command, ...options]: Start) {
  const env = { PATH: `${process.env['PATH']}:/usr/sbin` };
  return (await restart(options, command(somePort()), { env })).runs[0];
}
