import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// More of them are in causes.ci.ts.
const folder = temporaryFolder('tcpclose-restart');

test.concurrent('a server with SO_REUSEADDR survives, though FIN_WAIT2 of the old one is there', async () => {
  const port = somePort();
  const document = await restart(['--clients', '3'], ['node', fixture('plain.cjs'), `${port}`]);
  expect(document).toMatchObject({ port, path: null, verdict: 'survives' });
  const [run] = document.runs;
  expect(run?.oldSockets.map(({ state, processes }) => [state, processes])).toEqual(
    Array(3).fill(['FIN_WAIT2', []]),
  );
  expect(run?.listenerOptions).toEqual({ reuseAddress: true, reusePort: false, reason: null });
  expect(run?.evidence?.stopped).toMatchObject({ signal: 'SIGTERM', status: null });
  expect(run?.outageMs).toBeGreaterThan(0);
});

test.concurrent('a server without it does not', async () => {
  const port = somePort();
  const { runs } = await restart([], ['python3', fixture('plain.py'), `${port}`]);
  expect(runs).toMatchObject([{ verdict: 'fails', cause: 'no-reuse-address' }]);
  expect(runs[0]?.evidence?.bind).toEqual({
    withoutReuseAddress: 'EADDRINUSE',
    withReuseAddress: 'EADDRINUSE',
  });
  expect(runs[0]?.evidence?.secondStart?.output).toContain('Address already in use');
});

test.concurrent('when its clients close first it survives without the option', async () => {
  const port = somePort();
  const document = await restart(['--order', 'client-first'], ['python3', fixture('plain.py'), `${port}`]);
  expect(document.runs).toMatchObject([{ order: 'client-first', verdict: 'survives' }]);
});

test.concurrent('a wrapper that keeps the signal to itself leaves a listener', async () => {
  const port = somePort();
  const script = `node ${fixture('plain.cjs')} ${port}; true`;
  const document = await restart([], ['sh', '-c', script]);
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
  expect(document.runs[0]?.oldProcesses[0]?.command).toContain('plain.cjs');
});

test.concurrent('a child that keeps a connection blocks the port', async () => {
  const port = somePort();
  const document = await restart([], ['python3', fixture('handing-on.py'), `${port}`]);
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-connection' }]);
  expect(document.runs[0]?.oldSockets).toMatchObject([{ state: 'ESTABLISHED', processes: [{}] }]);
});

describe.concurrent('a server that waits for its clients', () => {
  test('is still running when they stay', async () => {
    const port = somePort();
    const document = await restart(['--stop-timeout', '1s'], ['node', fixture('graceful.cjs'), `${port}`]);
    expect(document.runs).toMatchObject([
      { verdict: 'fails', cause: 'still-running', evidence: { stopped: null } },
    ]);
  });

  test('survives when they close', async () => {
    const port = somePort();
    const document = await restart(['--clients-close'], ['node', fixture('graceful.cjs'), `${port}`]);
    expect(document.runs).toMatchObject([{ clients: 'close', verdict: 'survives' }]);
  });

  test('is ready when it says so', async () => {
    const port = somePort();
    const command = ['node', fixture('graceful.cjs'), `${port}`];
    const document = await restart(['--ready', '^it is up$', '--signal', 'KILL'], command);
    expect(document.verdict).toBe('survives');
  });
});

test.concurrent('a lock file of its own does not count as a problem of the port', async () => {
  const port = somePort();
  const file = join(folder, 'lock');
  const document = await restart([], ['node', fixture('locked.cjs'), `${port}`, file]);
  expect(document.runs).toMatchObject([
    { verdict: 'fails', cause: 'exited-otherwise', evidence: { secondStart: { ended: { status: 3 } } } },
  ]);
});

test.concurrent('a Unix socket is in its own way after SIGKILL', async () => {
  const path = join(folder, 'socket');
  const document = await restart(['--signal', 'KILL'], ['node', fixture('plain.cjs'), path]);
  expect(document).toMatchObject({
    port: null,
    path,
    verdict: 'fails',
    runs: [{ cause: 'exited-otherwise' }],
  });
  expect(document.runs[0]?.evidence?.remedy).toContain('unlink');
});

test.concurrent('a server that goes into the background is followed by its pid file', async () => {
  const port = somePort();
  const file = join(folder, 'pid');
  const options = ['--port', `${port}`, '--pid-file', file];
  const document = await restart(options, ['python3', fixture('daemon.py'), `${port}`, file]);
  expect(document.verdict).toBe('survives');
});

test.concurrent('the request is sent on every connection, and its answer read', async () => {
  const port = somePort();
  const options = ['--request', 'GET / HTTP/1.0\\r\\n\\r\\n', '--clients', '2', '--ready-http', '/'];
  const script = `require('http').createServer((q, r) => { console.log('asked', q.url); r.end('hi') }).listen(${port});`;
  const document = await restart(options, ['node', '-e', script]);
  expect(document.verdict).toBe('survives');
  expect(document.runs[0]?.evidence?.secondStart?.output).toContain('asked /');
});
