import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asNobody, isRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-restart');

test.concurrent('a server without SO_REUSEADDR fails, whether the clients stay or close, by TERM or KILL', async () => {
  const port = somePort();
  const document = await restart(['--all'], ['python3', fixture('plain.py'), `${port}`]);
  expect(document.runs.map(({ signal, clients, cause }) => [signal, clients, cause])).toEqual([
    ['SIGTERM', 'stay', 'no-reuse-address'],
    ['SIGTERM', 'close', 'no-reuse-address'],
    ['SIGKILL', 'stay', 'no-reuse-address'],
    ['SIGKILL', 'close', 'no-reuse-address'],
  ]);
  for (const { evidence, listenerOptions, oldSockets, clients } of document.runs) {
    expect(listenerOptions).toMatchObject({ reuseAddress: false });
    expect(evidence?.bind).toEqual({ withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'EADDRINUSE' });
    if (clients === 'stay') {
      expect(oldSockets[0]?.state).toBe('FIN_WAIT2');
      expect(evidence?.explanation).toMatch(/ or, if a client closes before, 60 s after that\.$/);
    }
    expect(evidence?.freeInMs).toBeGreaterThan(30_000);
    expect(evidence?.secondStart?.output).toContain('Address already in use');
  }
});

test.concurrent('a listener that was handed on after the signal to stop is still its own', async () => {
  const port = somePort();
  const document = await restart([], ['python3', fixture('leaving.py'), `${port}`, '600']);
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
  const [run] = document.runs;
  // The process between them may have been seen as well.
  const survivor = run?.oldProcesses.at(-1);
  expect(run?.evidence?.explanation).toContain(`Process ${survivor?.pid} (`);
});

test.concurrent('one that was handed on beside the second start is, too', async () => {
  const own = mkdtempSync(join(tmpdir(), 'handed-on-'));
  const document = await restart([], ['python3', fixture('leaving.py'), `${somePort()}`, '600', own]);
  rmSync(own, { recursive: true });
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
  const [run] = document.runs;
  const [between, survivor] = run?.oldProcesses ?? [];
  expect(survivor?.parent).not.toBe(between?.pid);
  expect(run?.evidence?.explanation).toContain(`Process ${survivor?.pid} (`);
});

describe.concurrent('a server that its own user may not look into', () => {
  const nobody = { prefix: isRoot ? asNobody : [] };
  const server = (port: number, ...args: string[]) => [
    '/usr/bin/python3',
    fixture('hidden.py'),
    `${port}`,
    ...args,
  ];

  test('is not seen to listen, and the reason is said', async () => {
    // So long that it listens by then on a busy machine, too.
    const args = ['restart', '--timeout', '15s', '--', ...server(somePort())];
    const { stderr, status } = await tcpclose(args, nobody);
    expect(stderr).toContain('may not be inspected');
    expect(stderr).toContain('--port');
    expect(status).toBe(2);
  });

  test('has a listener that is known as its own by the port', async () => {
    const port = somePort();
    const { runs } = await restart(['--port', `${port}`], server(port, 'keep'), nobody);
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
    expect(runs[0]?.evidence?.explanation).toContain('cannot be seen');
  });

  test('is not judged if it ends each connection at once: it is not seen which start does that', async () => {
    const port = somePort();
    const args = ['restart', '--port', `${port}`, '--timeout', '15s', '--', ...server(port, 'hang up')];
    const { stderr, status } = await tcpclose(args, nobody);
    expect(stderr).toContain('ends each connection before it can be seen who accepts it');
    expect(status).toBe(2);
  });
});

test.concurrent('another client that got the port in between is named', async () => {
  const port = somePort();
  // When it is started again it first takes its own port for an outgoing connection of a process beside it.
  const script = `
    if [ -e ${folder}/taken ]; then
      node -e "
        const net = require('net');
        const there = net.createServer().listen(0, '127.0.0.1', () => {
          net.connect({ port: there.address().port, host: '127.0.0.1', localPort: ${port}, localAddress: '127.0.0.1' });
        })" & sleep 1
      exec python3 ${fixture('plain.py')} ${port}
    fi
    touch ${folder}/taken
    exec python3 ${fixture('plain.py')} ${port}`;
  const document = await restart(['--order', 'client-first'], ['sh', '-c', script]);
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: 'port-taken-by-other' }]);
});

test.concurrent('rounds that come out differently are racy', async () => {
  const port = somePort();
  const script = `
    echo >> ${folder}/starts
    [ "$(wc -l < ${folder}/starts)" = 4 ] && { echo "not this time"; exit 9; }
    exec node ${fixture('plain.cjs')} ${port}`;
  const document = await restart(['--rounds', '3'], ['sh', '-c', script]);
  expect(document.runs).toMatchObject([
    { verdict: 'fails', cause: 'racy', evidence: { rounds: { survived: 2, failed: 1 } } },
  ]);
});

test.concurrent('a server that gets another port each time is not found on its first port', async () => {
  const script = "require('net').createServer((socket) => socket.resume()).listen(0)";
  const document = await restart(['--timeout', '2s'], ['node', '-e', script]);
  expect(document.runs).toMatchObject([{ verdict: 'fails', cause: null }]);
  expect(document.runs[0]?.evidence?.explanation).toContain('listens elsewhere');
});

test.concurrent('a listener of another program that was faster is named', async () => {
  const port = somePort();
  const other = createServer();
  const begun = join(folder, 'begun');
  const script = `echo >>${begun}; sleep 1; exec node ${fixture('plain.cjs')} ${port}`;
  const running = restart([], ['sh', '-c', script]);
  try {
    // Between the begin of the second start and its bind this is a new listener, and not the command's.
    await until('the second start', () => existsSync(begun) && readFileSync(begun, 'utf8') === '\n\n');
    await until('the port to be free', () => listens(other, port));
    const { runs } = await running;
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'port-taken-by-other' }]);
    expect(runs[0]?.evidence?.explanation).toContain(`process ${process.pid}`);
  } finally {
    other.close();
  }
});

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
}
