import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from '../../../support/restarts.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { describeRemedies } from './helps.ts';

const folder = temporaryFolder('tcpclose-load');

const gunicorn = (graceful: string) => (port: number) => [
  ...['env', 'LOG=/dev/null', 'SLOW=2.5', `PYTHONPATH=${fixture('')}`, 'gunicorn', '--threads', '40'],
  ...['--graceful-timeout', graceful, '--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'],
];

describeRemedies({
  'a longer --graceful-timeout of gunicorn': {
    cause: 'drain-too-short',
    says: /--graceful-timeout/,
    failing: [gunicorn('1')],
    repaired: [gunicorn('20')],
    // Its threads close kept connections at once.
    left: 'other causes',
    needs: 'gunicorn',
  },

  'QUIT instead of TERM for nginx': {
    cause: 'exits-at-once',
    says: /--signal QUIT/,
    failing: [nginx],
    repaired: [nginx, ['--signal', 'QUIT']],
    left: 'outage alone',
    needs: 'nginx',
  },
  'USR1 instead of TERM for HAProxy': {
    cause: 'no-handler',
    says: /--signal USR1/,
    failing: [haproxy()],
    repaired: [haproxy(), ['--signal', 'USR1']],
    left: 'outage alone',
    needs: 'haproxy',
  },
  'a longer hard-stop-after of HAProxy': {
    cause: 'drain-too-short',
    says: /hard-stop-after/,
    failing: [haproxy('1s'), ['--signal', 'USR1']],
    repaired: [haproxy('20s'), ['--signal', 'USR1']],
    left: 'outage alone',
    needs: 'haproxy',
  },
  'a longer --timeout-graceful-shutdown of uvicorn': {
    cause: 'drain-too-short',
    says: /--timeout-graceful-shutdown/,
    failing: [uvicorn('1')],
    repaired: [uvicorn('20')],
    // It closes kept connections when it is done, and has not announced that.
    left: 'other causes',
    needs: 'uvicorn',
  },
});

function uvicorn(graceful: string) {
  return (port: number) => [
    ...['env', 'LOG=/dev/null', 'SLOW=2.5', `PYTHONPATH=${fixture('')}`, 'uvicorn', '--log-level', 'warning'],
    ...['--timeout-graceful-shutdown', graceful, '--port', String(port), 'logged_asgi:app'],
  ];
}

/** What is slow takes longer if a limit is to end it: HAProxy 2.6 ends a request that it holds itself only 1 s after the limit. */
function haproxy(hardStop?: string) {
  return (port: number): string[] => {
    const file = join(folder, `${port}.cfg`);
    const lines = [
      ...(hardStop === undefined ? [] : ['global', ` hard-stop-after ${hardStop}`]),
      ...['defaults', ' mode http', ' timeout client 30s', ' timeout connect 5s', ' timeout server 30s'],
      ...[` timeout tarpit ${hardStop === undefined ? '700ms' : '4s'}`, 'frontend f'],
      ` bind 127.0.0.1:${port}`,
      ' http-request tarpit deny_status 200 if { path /slow }',
      ' http-request return status 200 content-type text/plain string ok',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['haproxy', '-db', '-f', file];
  };
}

function nginx(port: number): string[] {
  writeFileSync(join(folder, 'slow'), 'x'.repeat(100_000));
  writeFileSync(join(folder, 'index.html'), 'hello');
  const file = join(folder, `${port}.conf`);
  const lines = [
    `daemon off; pid ${folder}/${port}.pid; error_log /dev/null;`,
    'events {}',
    `http { access_log off; server { listen 127.0.0.1:${port}; root ${folder};`,
    'location = /slow { limit_rate 40k; limit_rate_after 1k; } } }',
  ];
  writeFileSync(file, lines.join('\n'));
  spawnSync('chmod', ['755', folder]);
  return ['nginx', '-c', file];
}
