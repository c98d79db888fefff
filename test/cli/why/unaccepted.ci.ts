import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listenOn } from '../../../src/native/socket.ts';
import { atEnd } from '../../support/at-end.ts';
import { missing } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { bindOnly, closeDescriptor } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';
import { why } from './shown.ts';

const ends = atEnd();

test('connections that are not accepted wait in the queue of their listener', async () => {
  const { fd, port } = bindOnly();
  listenOn(fd, 511);
  const clients = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  // Without --long the notice about the queue leaves no room for its connections.
  const { document, text } = await why(port, [], '--long');
  expect(document.holders).toMatchObject([
    { kind: 'listener', receiveQueue: 3 },
    { kind: 'connection', state: 'ESTABLISHED', count: 3, processes: [], waitingFor: 'accept' },
  ]);
  expect(text).toContain('no process yet: they wait in the queue of the listener');
  expect(text).not.toContain('held by the kernel');
  expect(document.notices.join()).toContain('3 connections wait in the accept queue');
  for (const client of clients) client.on('error', () => {}).destroy();
  closeDescriptor(fd);
});

describe('a listener from which no connection is accepted', unless(missing('python3', 'sleep')), () => {
  const listen =
    "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)";

  const noticesOn = async (port: number): Promise<string> =>
    JSON.parse((await tcpclose(['why', String(port), '--json'])).stdout).notices.join();

  /** The port that a program of Python prints, which goes on with this. */
  async function started(then: string): Promise<number> {
    const child = spawn('python3', ['-c', `${listen}\n${then}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    // It and its children.
    ends.push(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
    const [text] = await once(child.stdout, 'data');
    return Number(text);
  }

  test.each([
    ['sleeps', 'sleep 1000'],
    ['waits for a file', 'tail -f /etc/passwd'],
  ])('since a child that knows nothing of it has inherited it, and %s, is said', async (_, child) => {
    const port = await started(
      `import os, subprocess; s.set_inheritable(True); subprocess.Popen('${child}'.split(), close_fds=False, stdout=subprocess.DEVNULL); os._exit(0)`,
    );
    const left = new RegExp(`does not wake pid \\d+ \\(${child}\\) now`);
    const isLeft = async () => left.test(await noticesOn(port));
    await until('the end of its server', isLeft, 30_000);
  });

  test.each([
    ['it waits in accept()', 's.accept()'],
    [
      'a thread of it waits in accept()',
      'import threading, time; threading.Thread(target=s.accept).start(); time.sleep(1000)',
    ],
    ['it waits in poll()', 'import select; p = select.poll(); p.register(s); p.poll()'],
    ['it has an epoll for it', 'import select; e = select.epoll(); e.register(s); e.poll()'],
    [
      'it looks for connections from time to time',
      `import time; s.setblocking(False)
while True:
  try: s.accept()
  except BlockingIOError: time.sleep(0.2)`,
    ],
    ['it reads from a client', `c = socket.create_connection(s.getsockname()); s.accept()[0].recv(1)`],
    [
      'a signal wakes it',
      'import fcntl, os, signal; signal.signal(signal.SIGIO, lambda *_: s.accept()); fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid()); fcntl.fcntl(s, fcntl.F_SETFL, fcntl.fcntl(s, fcntl.F_GETFL) | os.O_ASYNC); signal.pause()',
    ],
    ['another of its processes does', 'import os, time; os.fork() or s.accept(); time.sleep(1000)'],
  ])('is not said where %s', async (_, then) => {
    expect(await noticesOn(await started(then))).not.toContain('does not wake');
  });
});
