import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-load');

type Start = readonly [command: (port: number) => readonly string[], options?: readonly string[]];

interface Remedy {
  readonly cause: string;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly failing: Start;
  readonly repaired: Start;
  /** Whether the repaired one loses nothing at all, only what a handover would save, or something for another reason. */
  readonly left: 'loses nothing' | 'outage alone' | 'other causes';
  readonly needs?: string;
}

const node =
  (how: string, delay = '0') =>
  (port: number) => ['node', fixture('logged.cjs'), String(port), '/dev/null', how, delay];
const python = (how: string) => (port: number) => [
  ...['python3', fixture('logged.py'), String(port), '/dev/null', how],
];
const gunicorn = (graceful: string) => (port: number) => [
  ...['env', 'LOG=/dev/null', 'SLOW=2.5', `PYTHONPATH=${fixture('')}`, 'gunicorn', '--threads', '40'],
  ...['--graceful-timeout', graceful, '--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'],
];
const preStop = ['--pre-stop', '800ms'];

const remedies: Readonly<Record<string, Remedy>> = {
  'a handler in Node': {
    cause: 'no-handler',
    says: /closeIdleConnections/,
    failing: [node('no handler')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'a handler in Python': {
    cause: 'no-handler',
    says: /server\.shutdown\(\) from another thread/,
    failing: [python('no handler')],
    repaired: [python('drain')],
    left: 'outage alone',
    needs: 'python3',
  },
  'TERM instead of KILL': {
    cause: 'killed',
    says: /such as TERM/,
    failing: [node('keep'), ['--signal', 'KILL']],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'no process.exit() in the handler': {
    cause: 'exits-at-once',
    says: /do not call process\.exit\(\)/,
    failing: [node('exit')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'no time limit in the handler, and Connection: close': {
    cause: 'drain-too-short',
    says: /time limit/,
    failing: [node('exit late')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'a longer --graceful-timeout of gunicorn': {
    cause: 'drain-too-short',
    says: /--graceful-timeout/,
    failing: [gunicorn('1')],
    repaired: [gunicorn('20')],
    // Its threads close kept connections at once.
    left: 'other causes',
    needs: 'gunicorn',
  },
  'a longer --drain': {
    cause: 'drain-too-long',
    says: /raise the limit/,
    failing: [node('never'), ['--drain', '500ms']],
    repaired: [node('keep'), ['--drain', '8s']],
    left: 'outage alone',
  },
  'a listener that stays open': {
    cause: 'stops-listening-before-drain',
    says: /before you close the listener/,
    failing: [node('keep'), preStop],
    repaired: [node('pre-stop'), preStop],
    left: 'loses nothing',
  },
  'a load balancer that stops first': {
    cause: 'outage',
    says: /--pre-stop/,
    failing: [node('pre-stop')],
    repaired: [node('pre-stop'), preStop],
    left: 'loses nothing',
  },
  'no closeAllConnections()': {
    cause: 'cuts-requests',
    says: /do not call server\.closeAllConnections/,
    failing: [node('close all')],
    repaired: [node('keep')],
    left: 'outage alone',
  },
  'idle connections that are kept': {
    cause: 'cuts-keep-alive',
    says: /^close an idle connection only after a "Connection: close" on it,{2}with this code/,
    failing: [node('busy, cut')],
    repaired: [node('busy, keep')],
    left: 'outage alone',
  },
  'an accept queue that is emptied': {
    cause: 'accept-queue-dropped',
    says: /its queue is empty/,
    failing: [node('busy, cut')],
    repaired: [node('busy, keep')],
    left: 'outage alone',
  },
  'Connection: close': {
    cause: 'no-connection-close',
    says: /res\.setHeader\('Connection', 'close'\)/,
    failing: [node('mute')],
    repaired: [node('pre-stop')],
    left: 'outage alone',
  },
  'answers as before': {
    cause: 'answers-with-errors',
    says: /as before/,
    failing: [node('errors')],
    repaired: [node('pre-stop')],
    left: 'outage alone',
  },
  'a quick start': {
    cause: 'slow-start',
    says: /start the new server before/,
    failing: [node('keep', '2500')],
    repaired: [node('keep')],
    left: 'outage alone',
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
  'a listener that is kept': {
    cause: 'outage',
    says: /--listen-fds/,
    failing: [node('keep')],
    repaired: [() => ['node', fixture('activated.cjs')], ['--listen-fds', String(somePort())]],
    left: 'loses nothing',
  },
};

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

const helpOf = (program: string) => spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout ?? '';
const load = ['--load', 'new=40/s,pooled=10,idle=4,slow=4', '--slow-path', '/slow'];
const beyondShutdown = new Set(['outage', 'slow-start']);

describe.concurrent('each remedy helps', () => {
  test.for(Object.entries(remedies))('%s', async ([, remedy], context) => {
    const { cause, says, failing, repaired, left, needs } = remedy;
    if (needs !== undefined && spawnSync('which', [needs]).status !== 0)
      return context.skip(`${needs} is not installed`);
    if (needs === 'uvicorn' && !helpOf('uvicorn').includes('--timeout-graceful-shutdown'))
      return context.skip('this uvicorn has no --timeout-graceful-shutdown');
    const before = await lossesOf(failing);
    const loss = before.find((loss) => loss.cause === cause);
    expect(before.map((loss) => loss.cause)).toContain(cause);
    expect(loss?.remedy).toMatch(says);
    const after = await lossesOf(repaired);
    // A connection may be in the queue at the moment when a listener is closed, whatever the server does.
    const isMeant = ({ cause, lost }: (typeof after)[number]) =>
      beyondShutdown.has(cause) ||
      (cause === 'accept-queue-dropped' && lost <= 2) ||
      (left === 'other causes' && cause !== remedy.cause);
    expect(after.filter((loss) => left === 'loses nothing' || !isMeant(loss))).toEqual([]);
  });
});

async function lossesOf([command, options = []]: Start) {
  const { runs } = await restart([...load, ...options], command(somePort()));
  const [run] = runs;
  if (run?.load == null) throw new Error(JSON.stringify(runs));
  expect(run.load.verdict).not.toBe('too little');
  return run.load.losses;
}
