import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { observed, runOf } from '../../support/loads.ts';
import { expectAgreement, RequestLog } from '../../support/request-log.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';

const has = (program: string) =>
  spawnSync(program, ['--version']).status === 0 ? null : `${program} is not installed`;

interface Server {
  readonly command: (port: number, log: string) => readonly string[];
  readonly cause: string;
  readonly options?: readonly string[];
  readonly lacks?: string | null;
}

const node = (how: string) => (port: number, log: string) => [
  ...['node', fixture('logged.cjs'), String(port), log, how],
];
const python = (how: string) => (port: number, log: string) => [
  ...['python3', fixture('logged.py'), String(port), log, how],
];

/** Each loses what it loses in another way. */
const servers: Readonly<Record<string, Server>> = {
  'Node without a handler': { command: node('no handler'), cause: 'no-handler' },
  'Node with process.exit() in the handler': { command: node('exit'), cause: 'exits-at-once' },
  'Node with closeAllConnections()': { command: node('close all'), cause: 'cuts-requests' },
  'Node that waits for all': { command: node('keep'), cause: 'outage' },
  'http.server of Python': { command: python('no handler'), cause: 'no-handler', lacks: has('python3') },
  'http.server of Python that waits': { command: python('drain'), cause: 'outage', lacks: has('python3') },
  'gunicorn with threads': {
    command: (port, log) => [
      ...['env', `LOG=${log}`, `PYTHONPATH=${fixture('')}`, 'gunicorn', '--workers', '1', '--threads', '40'],
      ...['--keep-alive', '5', '--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'],
    ],
    cause: 'outage',
    lacks: has('gunicorn'),
  },
  uvicorn: {
    command: (port, log) => [
      ...[
        'env',
        `LOG=${log}`,
        'uvicorn',
        '--app-dir',
        fixture(''),
        '--port',
        String(port),
        'logged_asgi:app',
      ],
    ],
    cause: 'outage',
    lacks: has('uvicorn'),
  },
};

const spec = 'new=40/s,pooled=6,idle=3,slow=3';

test.concurrent('a server that is done, and then ends itself by the same signal, has a handler', async () => {
  const asked = ['--load', spec, '--slow-path', '/slow', '--request-timeout', '20s'];
  const { load } = runOf(await restart(asked, node('raise late')(somePort(), '/dev/null')));
  expect(load.losses.map(({ cause }) => cause)).not.toContain('no-handler');
  // By its own timer, not at the first connection that was refused.
  expect(load.timeline.exits).toBeGreaterThan(2400);
});

describe.concurrent('what the clients say agrees with the log of the server', () => {
  test.for(Object.entries(servers))(
    '%s',
    async ([, { command, cause, options = [], lacks = null }], context) => {
      if (lacks !== null) return context.skip(lacks);
      const asked = ['--load', spec, '--slow-path', '/slow', '--request-timeout', '20s', ...options];
      const { load, verdict } = await observed(async () => {
        const log = new RequestLog();
        const document = await restart(asked, command(somePort(), log.path));
        // Each request ends in its class, even on a machine that was too busy for the load.
        expectAgreement(runOf(document).load, log);
        return document;
      });
      expect(verdict).toBe('loses');
      expect(load.losses.map(({ cause }) => cause)).toContain(cause);
      // A process that dies of the signal does not drain without its listener.
      if (cause === 'no-handler') expect(load.phases.map(({ phase }) => phase)).not.toContain('closing');
    },
  );

  test('a raw echo server, by the ports of its clients', async () => {
    let log = new RequestLog();
    const request = ['--request', 'ping\\n', '--slow-request', 'slow ping\\n', '--answer', 'ping\\n$'];
    const { load } = await observed(() => {
      log = new RequestLog();
      return restart(
        ['--load', spec, ...request],
        ['node', fixture('logged-echo.cjs'), String(somePort()), log.path],
      );
    });
    const { got, answered, undecided } = log;
    const lost = new Set(load.lostRequests.map(({ localPort, use }) => `${localPort}/${use}`));
    expect(load.losses.map(({ cause }) => cause)).toContain('no-handler');
    expect([...answered].filter((name) => lost.has(name))).toEqual([]);
    expect([...got].filter((name) => !answered.has(name)).length).toBeGreaterThan(0);
    const unknown = [...got].filter((name) => !answered.has(name) && !lost.has(name));
    expect(unknown.filter((name) => !undecided.has(name))).toEqual([]);
  });
});
