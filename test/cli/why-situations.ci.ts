import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listenOn } from '../../src/native/socket.ts';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { Actor } from '../support/actor.ts';
import { atEnd } from '../support/at-end.ts';
import { isRoot, missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import {
  bindOnly,
  closeDescriptor,
  connectionWithoutListener,
  listening,
  somePort,
} from '../support/sockets.ts';
import { until } from '../support/until.ts';

const ends = atEnd();

async function why(port: number, prefix: readonly string[] = [], ...options: readonly string[]) {
  const [json, text] = await Promise.all([
    tcpclose(['why', String(port), '--json'], { prefix }),
    tcpclose(['why', String(port), ...options], { prefix }),
  ]);
  return { document: JSON.parse(json.stdout) as WhyDocument, text: text.stdout, status: json.status };
}

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

test('a leak of CLOSE_WAIT beside a listener is reported', async () => {
  const { server, port } = await listening();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket.resume()));
  const clients = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  while (accepted.length < clients.length) await once(server, 'connection');
  for (const client of clients) client.end();
  await Promise.all(accepted.map((socket) => once(socket, 'end')));
  const { document, text } = await why(port);
  expect(document.notices).toEqual([expect.stringMatching(/^4 connections are in CLOSE_WAIT: .*leaks/)]);
  expect(text).toContain('Also: 4 connections are in CLOSE_WAIT');
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
});

test('a UDP socket on the port is reported, and does not block a bind', async () => {
  const port = somePort();
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  const { document, text, status } = await why(port);
  expect(document.udp).toMatchObject([{ address: '127.0.0.1', processes: [{ pid: process.pid }] }]);
  expect([document.verdict, status]).toEqual(['free', 0]);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('has a UDP socket');
  socket.close();
});

test('clients of a service elsewhere are reported if the port is free here', async () => {
  const inside = ['unshare', '--map-root-user', '--net', 'sh', '-c'];
  // What is sent to this address by loopback is answered by nobody.
  const script = `
    ip link set lo up && ip route add 192.0.2.0/24 dev lo || exit 77
    node -e "require('net').connect(5984, '192.0.2.7').on('error', () => {}); setTimeout(() => {}, 60000)" &
    until ss -tan | grep -q 192.0.2.7:5984; do sleep 0.05; done
    "$@"; status=$?; kill $!; exit $status`;
  const { document, text, status } = await why(5984, [...inside, script, 'sh']);
  expect(document.clients).toMatchObject([
    { state: 'SYN_SENT', count: 1, remotes: [{ address: '192.0.2.7', port: 5984 }] },
  ]);
  expect(text).toMatch(/^5984 is free here; clients on this machine/);
  expect(document.notices.join()).toContain('to 192.0.2.7:5984');
  expect(status).toBe(0);
});

/** A server whose client closed first: the client's end is in TIME_WAIT. */
async function clientInTimeWait() {
  const { server, port } = await listening();
  const client = connect(port, '127.0.0.1');
  server.on('connection', (socket) => socket.resume().on('end', () => socket.end()));
  await once(client, 'connect');
  client.end();
  await once(client.resume(), 'close');
  return { server, port };
}

test('what clients of the port here have left is not taken for a service elsewhere', async () => {
  const { server, port } = await clientInTimeWait();
  const { document, text } = await why(port);
  server.close();
  expect(document.clients).toMatchObject([{ state: 'TIME_WAIT', remotes: [{ address: '127.0.0.1', port }] }]);
  expect(document.notices.join()).toContain("the clients' ends of connections to the port here");
  expect(text).not.toContain('elsewhere');
});

test('nor when the port is free again', async () => {
  const { server, port } = await clientInTimeWait();
  server.close();
  await once(server, 'close');
  const { document } = await why(port);
  expect(document).toMatchObject({ situation: 'free', steps: [], clients: [{ state: 'TIME_WAIT' }] });
});

test('a stopped process is reported as stopped', async () => {
  const port = somePort();
  const script = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', script]);
  ends.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const { document, text } = await why(port);
  expect(document.holders[0]?.processes).toMatchObject([{ pid: child.pid, condition: 'stopped' }]);
  expect(text).toContain('stopped (it does nothing until it is continued)');
  expect(document.steps[0]?.text).toContain('cannot act on SIGTERM');
});

test('a process whose first thread has ended is found, and does not count as ending', async () => {
  const port = somePort();
  const child = spawn('python3', [join(import.meta.dirname, '../fixtures/servers/leaderless.py'), `${port}`]);
  ends.push(() => child.kill('SIGKILL'));
  const state = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await until('the end of its first thread', () => state() === 'Z');
  const { document, status } = await why(port);
  expect(document.holders[0]?.processes).toMatchObject([{ pid: child.pid, condition: 'runs' }]);
  expect(status).toBe(1);
});

test('a process without a command line is shown by its name', async () => {
  const port = somePort();
  // Writing to a title that has no room clears the arguments: all of them become NULs.
  const script = `
import ctypes, socket, sys
s = socket.socket(); s.bind(('127.0.0.1', ${port})); s.listen()
argc, argv = ctypes.c_int(), ctypes.POINTER(ctypes.c_char_p)()
start = int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[45])
end = int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[46])
ctypes.memset(start, 0, end - start)
print('up', flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', script]);
  ends.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const { document } = await why(port);
  expect(document.holders[0]?.processes).toMatchObject([{ pid: child.pid, command: '[python3]' }]);
});

describe.skipIf(!isRoot)('as root, to whom no process is hidden', () => {
  test('connections that close during a look are not reported as hidden', async () => {
    const port = somePort();
    const script = `
      const net = require('net');
      net.createServer((s) => { s.on('error', () => {}); setTimeout(() => s.destroy(), 20 + Math.random() * 100); })
        .listen(${port}, '127.0.0.1', () => {
          const again = () => net.connect(${port}, '127.0.0.1').on('error', () => {}).on('close', again);
          for (let i = 0; i < 30; i++) again();
          console.log('up');
        });`;
    const child = spawn(process.execPath, ['-e', script]);
    ends.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    for (let round = 0; round < 5; round++) {
      const { document } = await why(port);
      expect(document.holders.filter(({ owner }) => owner === 'unseen')).toEqual([]);
      expect(document.unseen).toEqual([]);
    }
    child.kill('SIGKILL');
  });
});

describe('the answer fits on a screen of 80 columns and 24 lines', () => {
  const common: readonly [string, () => Promise<{ port: number; end: () => void }>][] = [
    [
      'a listener',
      async () => {
        const { server, port } = await listening({ reuseAddress: 'on' });
        return { port, end: () => server.close() };
      },
    ],
    [
      'a listener with connections',
      async () => {
        const { server, port } = await listening();
        const client = connect(port, '127.0.0.1');
        await once(server, 'connection');
        const end = () => {
          client.destroy();
          server.close();
        };
        return { port, end };
      },
    ],
    [
      'a connection without a listener',
      async () => {
        const { client, accepted, port } = await connectionWithoutListener();
        const end = () => {
          client.destroy();
          accepted.destroy();
        };
        return { port, end };
      },
    ],
    [
      'eight programs with long names that share it by SO_REUSEPORT',
      async () => {
        const port = somePort();
        const script = `import os, socket, sys
for _ in range(8):
  if os.fork() == 0:
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(('0.0.0.0', ${port})); s.listen(); print('up', flush=True)
    break
sys.stdin.read()`;
        const child = spawn('python3', ['-c', script, 'x'.repeat(300)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        let said = '';
        for await (const part of child.stdout) {
          said += part;
          if (said.split('up').length > 8) break;
        }
        return { port, end: () => child.stdin.end() };
      },
    ],
    [
      'a listener with a long command that does not accept',
      async () => {
        const port = somePort();
        const script = `import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', ${port})); s.listen(20)
c = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(5)]
print('up', flush=True); sys.stdin.read()`;
        const child = spawn('python3', ['-c', script, '--name'.repeat(50)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        await once(child.stdout, 'data');
        return { port, end: () => child.stdin.end() };
      },
    ],
    ['nothing', async () => ({ port: somePort(), end: () => {} })],
  ];

  test.each(common)('%s', async (_, start) => {
    const { port, end } = await start();
    const { text, document } = await why(port);
    end();
    const lines = text.trimEnd().split('\n');
    const commands = [...document.steps, ...document.unseen].map(({ command }) => command);
    // The command and the prompt after it take two.
    expect(lines.length).toBeLessThanOrEqual(22);
    expect(lines.filter((line) => [...line].length > 80 && !commands.includes(line.trim()))).toEqual([]);
  });
});

test('two hundred thousand empty arguments cost no more than others', async () => {
  const port = somePort();
  const script = `import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', ${port})); s.listen(); print('up', flush=True); sys.stdin.read()`;
  const launch = `import os; os.execv('/usr/bin/python3', ['python3', '-c', ${JSON.stringify(script)}] + [''] * 200000)`;
  const child = spawn('sh', ['-c', 'ulimit -s unlimited; exec python3 -c "$1"', 'sh', launch]);
  ends.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  // Quadratic, it took two minutes; the machine may be slow.
  const { document } = await why(port);
  expect(document.holders[0]?.processes[0]?.pid).toBe(child.pid);
}, 60_000);

test('a leak of clients beside their server is counted in the headline', async () => {
  const { server, port } = await listening();
  server.on('connection', (socket) => socket.on('error', () => {}).end());
  const clients = Array.from({ length: 4 }, () =>
    connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      .on('error', () => {})
      .resume(),
  );
  await Promise.all(clients.map((client) => once(client, 'end')));
  await until('the leak', async () => (await why(port)).document.situation === 'leaking');
  const { document, text } = await why(port);
  expect(text.split('\n')[0]).toContain('has 4 connections in CLOSE_WAIT that are not closed');
  expect(document.clients).toMatchObject([{ state: 'CLOSE_WAIT', count: 4 }]);
  for (const client of clients) client.destroy();
});

test(
  'a listener with SO_REUSEPORT is one that a second one may join',
  unless(missing('python3')),
  async () => {
    const [one, other] = [new Actor(), new Actor()];
    const listen = (port: unknown) =>
      `s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', ${port})); s.listen(); r = s.getsockname()[1]`;
    const port = Number(await one.does(listen(0)));
    expect((await why(port)).document.meaning).toContain('One with SO_REUSEPORT by the same user succeeds');
    await other.does(listen(port));
    expect((await why(port)).document.meaning).toContain('One with SO_REUSEPORT by the same user succeeds');
    await Promise.all([one.end(), other.end()]);
    const { server, port: plain } = await listening();
    expect((await why(plain)).document.meaning).not.toContain('SO_REUSEPORT');
    server.close();
  },
);
