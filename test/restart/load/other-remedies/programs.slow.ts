import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { missing } from '../../../support/machine.ts';
import { fixture } from '../../../support/restarts.ts';
import { somePort } from '../../../support/sockets.ts';
import { helps, noSlow, outage, preStop, type Remedy } from './helps.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-other-'));
// For nginx's workers, which have another user.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

/** Stops a program as a supervisor does whose preStop hook sleeps: it goes on for as long, and only then gets its signal. */
const hooked =
  (command: (port: number) => readonly string[], signal = 'TERM') =>
  (port: number) => [
    ...['sh', '-c', `"$@" & trap 'sleep 2; kill -${signal} $!; wait; exit' TERM; wait`, 'sh'],
    ...command(port),
  ];

const nginx = (port: number) => nginxWith('')(port);
const nginxWith = (settings: string) => (port: number) => {
  const own = join(folder, String(port));
  mkdirSync(own, { mode: 0o777 });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${own}/${name};`,
  );
  writeFileSync(join(own, 'index.html'), 'hello');
  writeFileSync(join(own, 'slow'), 'x'.repeat(100_000));
  const file = join(own, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; ${settings} pid ${own}/nginx.pid; error_log /dev/null; events {}
http { access_log off; ${paths.join(' ')} server { listen 127.0.0.1:${port}; root ${own};
 location = /slow { limit_rate 40k; limit_rate_after 1k; } } }
`,
  );
  return ['nginx', '-c', file];
};

const haproxy = (port: number) => {
  const file = join(folder, `${port}.cfg`);
  const lines = [
    ...['defaults', ' mode http', ' timeout client 30s', ' timeout connect 5s', ' timeout server 30s'],
    ...[' timeout tarpit 700ms', 'frontend front', ` bind 127.0.0.1:${port}`],
    ' http-request tarpit deny_status 200 if { path /slow }',
    ' http-request return status 200 content-type text/plain string hello',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return ['haproxy', '-db', '-f', file];
};

const python = ['env', 'LOG=/dev/null', `PYTHONPATH=${fixture('')}`];
const gunicorn =
  (...more: readonly string[]) =>
  (port: number) => [...python, 'gunicorn', ...more, '--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'];
const uvicorn =
  (...more: readonly string[]) =>
  (port: number) => [
    ...[...python, 'uvicorn', '--log-level', 'warning', ...more, '--port', String(port)],
    'logged_asgi:app',
  ];

const quit = ['--signal', 'QUIT'] as const;
const usr1 = ['--signal', 'USR1'] as const;
const kill = ['--signal', 'KILL'] as const;
const drain = ['--drain', '8s'] as const;
/** What a program still loses that closes idle connections at once. */
const ofIdle = [...outage, 'cuts-keep-alive', 'no-connection-close', 'accept-queue-dropped'];

const ofPrograms: Readonly<Record<string, Remedy>> = {
  'a preStop hook that sleeps, before nginx': {
    cause: 'stops-listening-before-drain',
    says: /a preStop hook that sleeps/,
    failing: [nginx, ...quit, ...preStop],
    repaired: [hooked(nginx, 'QUIT'), ...preStop],
    left: [],
    needs: 'nginx',
    load: noSlow,
  },
  'a preStop hook that sleeps, before gunicorn': {
    cause: 'stops-listening-before-drain',
    says: /a preStop hook that sleeps/,
    failing: [gunicorn('--threads', '60'), ...preStop],
    repaired: [hooked(gunicorn('--threads', '60')), ...preStop],
    left: [],
    needs: 'gunicorn',
    load: noSlow,
  },
  'a preStop hook that sleeps, before uvicorn': {
    cause: 'stops-listening-before-drain',
    says: /a preStop hook that sleeps/,
    failing: [uvicorn(), ...preStop],
    repaired: [hooked(uvicorn()), ...preStop],
    left: [],
    needs: 'uvicorn',
    load: noSlow,
  },
  'a preStop hook that sleeps, before HAProxy': {
    cause: 'stops-listening-before-drain',
    says: /a preStop hook that sleeps/,
    failing: [haproxy, ...usr1, ...preStop],
    repaired: [hooked(haproxy, 'USR1'), ...preStop],
    left: [],
    needs: 'haproxy',
    load: noSlow,
  },
  'a load balancer that stops first, for what gunicorn closes': {
    cause: /^cuts-/,
    says: /^have its load balancer stop sending before the signal/,
    failing: [gunicorn('--threads', '90')],
    repaired: [hooked(gunicorn('--threads', '90')), ...preStop],
    left: [],
    needs: 'gunicorn',
    load: 'new=20/s,pooled=80',
  },
  'QUIT instead of KILL, for nginx': {
    cause: 'killed',
    says: /^run it with its master process .* send QUIT first, .* KILL only after a limit/,
    // Workers below a master outlive it.
    failing: [nginxWith('master_process off;'), ...kill],
    repaired: [nginx, ...quit, ...drain],
    left: ofIdle,
    needs: 'nginx',
  },
  'QUIT for nginx with its master process': {
    cause: 'exits-at-once',
    says: /^run it with its master process/,
    failing: [nginxWith('master_process off;'), ...quit],
    repaired: [nginx, ...quit],
    left: ofIdle,
    needs: 'nginx',
  },
  'a longer worker_shutdown_timeout of nginx': {
    cause: 'drain-too-short',
    says: /^raise worker_shutdown_timeout/,
    failing: [nginxWith('worker_shutdown_timeout 1s;'), ...quit],
    repaired: [nginxWith('worker_shutdown_timeout 8s;'), ...quit],
    left: ofIdle,
    needs: 'nginx',
  },
  'TERM instead of KILL, for gunicorn': {
    cause: 'killed',
    says: /^send TERM first, its graceful stop, .* above its --graceful-timeout/,
    failing: [gunicorn('--threads', '60'), ...kill],
    repaired: [gunicorn('--threads', '60', '--graceful-timeout', '4'), ...drain],
    left: ofIdle,
    needs: 'gunicorn',
  },
  'TERM instead of KILL, for uvicorn': {
    cause: 'killed',
    says: /^send TERM first, its graceful stop/,
    failing: [uvicorn(), ...kill],
    repaired: [uvicorn(), ...drain],
    left: ofIdle,
    needs: 'uvicorn',
  },
  'USR1 instead of KILL, for HAProxy': {
    cause: 'killed',
    says: /^send USR1 first, its soft stop/,
    failing: [haproxy, ...kill],
    repaired: [haproxy, ...usr1, ...drain],
    left: ofIdle,
    needs: 'haproxy',
  },
  'a listener that gunicorn is passed': {
    cause: 'accept-queue-dropped',
    says: /hand the listener over/,
    failing: [gunicorn()],
    repaired: [() => [...python, 'gunicorn', 'logged_wsgi:app'], '--listen-fds', String(somePort())],
    left: [],
    needs: 'gunicorn',
    load: 'new=40/s,slow=3',
  },
};

describe.concurrent('each remedy helps that program', () => {
  test.for(Object.entries(ofPrograms))('%s', async ([, remedy], context) => {
    const why = missing(remedy.needs);
    if (why !== null) return context.skip(why);
    await helps(remedy);
  });
});
