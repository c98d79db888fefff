import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Call } from '../../src/supervisor/calls/call.ts';
import { noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { listening, somePort } from '../support/sockets.ts';
import { Supervisors } from '../support/supervisors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-calls');

const supervisors = new Supervisors(folder);
afterEach(() => supervisors.end());

const python = (script: string) => supervisors.callsOf('python3', '-c', `import socket, os, sys\n${script}`);
const brief = (calls: readonly Call[]) =>
  calls.map(({ call, address, port, path, result }) => [call, path ?? `${address}:${port}`, result]);

test('a bind and a listen are reported with address, options at that moment, and result', async () => {
  const port = somePort();
  const calls = await python(`
s = socket.socket()
s.bind(("127.0.0.1", ${port}))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.listen()`);
  expect(brief(calls)).toEqual([
    ['bind', `127.0.0.1:${port}`, 'ok'],
    ['listen', `127.0.0.1:${port}`, 'ok'],
  ]);
  expect(calls.map(({ options }) => options?.reuseAddress)).toEqual([false, true]);
  const [bind, listen] = calls;
  expect(bind).toMatchObject({ family: 'IPv4', type: 'stream', network: 'same' });
  expect(bind?.program).toMatch(/^python3/);
  expect(listen?.inode).toBe(bind?.inode);
});

test('a failed bind is reported with its errno and with the process that had the port at that moment', async () => {
  const { server, port } = await listening();
  try {
    const calls = await python(`
s = socket.socket()
try: s.bind(("127.0.0.1", ${port}))
except OSError: pass`);
    expect(brief(calls)).toEqual([['bind', `127.0.0.1:${port}`, 'EADDRINUSE']]);
    expect(calls[0]?.inTheWay).toMatchObject([{ state: 'LISTEN', processes: [{ pid: process.pid }] }]);
  } finally {
    server.close();
  }
});

test('a listen that fails beside another listener is reported', async () => {
  const port = somePort();
  const calls = await python(`
def bound():
  s = socket.socket()
  s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  s.bind(("127.0.0.1", ${port}))
  return s
first, second = bound(), bound()
first.listen()
try: second.listen()
except OSError as error: print(error)`);
  expect(calls.map(({ call, result }) => [call, result])).toEqual([
    ['bind', 'ok'],
    ['bind', 'ok'],
    ['listen', 'ok'],
    ['listen', 'EADDRINUSE'],
  ]);
});

test.each([
  ['an address of another machine', '("198.51.100.7", 0)', 'EADDRNOTAVAIL'],
  ['a port of no address', '("127.0.0.1", 0)', 'ok'],
])('%s', async (_, address, result) => {
  const calls = await python(`
s = socket.socket()
try: s.bind(${address})
except OSError: pass
import time; time.sleep(0.4)`);
  // No bind of our own has tried either: what is known is read from the socket.
  expect(calls).toMatchObject([{ result: result === 'ok' ? 'ok' : 'failed', seen: 'afterwards' }]);
});

test('a second bind of a bound socket is EINVAL', async () => {
  const calls = await python(`
s = socket.socket()
s.bind(("127.0.0.1", 0))
try: s.bind(("127.0.0.1", ${somePort()}))
except OSError: pass`);
  expect(calls.map(({ result }) => result)).toEqual(['ok', 'EINVAL']);
});

test('paths, abstract names and other families', async () => {
  const path = join(folder, 'socket');
  const calls = await python(`
def unix(name):
  s = socket.socket(socket.AF_UNIX)
  try: s.bind(name); s.listen()
  except OSError as error: print(error)
unix(${JSON.stringify(path)}); unix(${JSON.stringify(path)}); unix("\\0tcpclose-${process.pid}")
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); netlink.bind((0, 0))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", ${somePort()}))
six = socket.socket(socket.AF_INET6); six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
six.bind(("::1", ${somePort()})); six.listen()`);
  expect(calls.map(({ call, family, type }) => `${call} ${family} ${type}`)).toEqual([
    'bind Unix stream',
    'listen Unix stream',
    'bind Unix stream',
    'bind Unix stream',
    'listen Unix stream',
    'bind IPv4 datagram',
    'bind IPv6 stream',
    'listen IPv6 stream',
  ]);
  expect(calls.map(({ path }) => path).slice(0, 5)).toEqual([
    path,
    path,
    path,
    `@tcpclose-${process.pid}`,
    `@tcpclose-${process.pid}`,
  ]);
  expect(calls[2]?.result).toBe('EADDRINUSE');
  expect(calls.at(-1)).toMatchObject({ address: '::1', options: { v6Only: true } });
});

test(
  'a bind to an existing path gets EADDRINUSE only if the user may search its folder',
  unless(noRoot),
  async () => {
    chmodSync(folder, 0o755);
    const paths = [0o755, 0o700].map((mode) => {
      const place = join(folder, `of mode ${mode.toString(8)}`);
      mkdirSync(place, { mode });
      return join(place, 'socket');
    });
    const calls = await python(`
import time
socks = [socket.socket(socket.AF_UNIX) for _ in range(4)]
paths = ${JSON.stringify(paths)}
for path, bound in zip(paths, socks): bound.bind(path)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for path, refused in zip(paths, socks[2:]):
  try: refused.bind(path)
  except OSError as error: print(error)
  time.sleep(0.4)`);
    expect(calls.map(({ result }) => result)).toEqual(['ok', 'ok', 'EADDRINUSE', 'failed']);
  },
);

test('threads, forks, and programs that others start are all watched', async () => {
  const [thread, fork, last] = [somePort(), somePort(), somePort()];
  const calls = await python(`
import threading
def serve(port):
  s = socket.socket(); s.bind(("127.0.0.1", port)); s.listen()
t = threading.Thread(target=serve, args=(${thread},)); t.start(); t.join()
if os.fork() == 0:
  serve(${fork}); os._exit(0)
os.wait()
os.execvp("sh", ["sh", "-c", "exec timeout 5 python3 -c 'import socket; s = socket.socket(); s.bind((\\"127.0.0.1\\", ${last})); s.listen()'"])`);
  expect(calls.filter(({ call }) => call === 'listen').map(({ port }) => port)).toEqual([thread, fork, last]);
  expect(calls[0]?.pid).not.toBe(calls[2]?.pid);
});

test('other calls are not watched', async () => {
  const unwatched = supervisors.make({ watch: 'not', reason: 'the test wants it so' });
  const run = await supervisors.start(unwatched, ['grep', '^Seccomp:', '/proc/self/status']);
  await run.exited;
  expect(unwatched.watching).toEqual({ state: 'off', reason: 'the test wants it so' });
  expect(await run.output()).toMatch(/^Seccomp:\s+0\s*$/);
});
