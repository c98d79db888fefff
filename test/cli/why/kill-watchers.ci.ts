import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tryBind } from '../../../src/diagnose/bind-probe.ts';
import { missing } from '../../support/machine.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { folder, isAlive, kill, start } from './killing.ts';

describe('why --kill --yes', () => {
  test('ends the watcher as well', async () => {
    const port = somePort();
    const file = join(folder, 'server.cjs');
    writeFileSync(
      file,
      `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
    );
    const watcher = await start([process.execPath, '--watch', file]);
    const { document, status } = await kill(port);
    expect(document.ended?.processes).toMatchObject([
      { pid: watcher.pid, role: 'watcher', result: 'ended' },
      { role: 'holder' },
    ]);
    expect(status).toBe(0);
    expect(isAlive(watcher.pid)).toBe(false);
  });

  describe.each([
    ['a loop of a shell', (server: string) => ['sh', '-c', `while :; do ${server}; sleep 0.3; done`]],
    ['a loop with a long pause', (server: string) => ['sh', '-c', `while :; do ${server}; sleep 5; done`]],
    [
      'a program that nobody knows as a watcher',
      (server: string) => [
        process.execPath,
        '-e',
        `const start = () => require('child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' }).on('exit', () => setTimeout(start, 700)); start()`,
        `exec ${server}`,
      ],
    ],
  ])('of %s', (_, loopOf) => {
    test('ends the loop when it reveals itself by starting the holder again', async () => {
      const port = somePort();
      const file = join(folder, `server-${port}.cjs`);
      writeFileSync(
        file,
        `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
      );
      const loop = await start(loopOf(`${process.execPath} ${file}`));
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([
        { role: 'holder', result: 'ended' },
        { pid: loop.pid, role: 'watcher', result: 'ended' },
        { role: 'holder', result: 'ended' },
      ]);
      expect([status, document.situation]).toEqual([0, 'free']);
      expect(isAlive(loop.pid)).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(tryBind('0.0.0.0', port).withoutReuseAddress).toBe('ok');
    });
  });

  test(
    'spares a process that has forked the holder, as a test or a notebook does',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      const script = `import os, signal, socket
if os.fork() == 0:
  server = socket.socket(); server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
  signal.pause()
os.wait(); signal.pause()`;
      const parent = await start(['python3', '-c', script]);
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([{ role: 'holder', result: 'ended' }]);
      expect([isAlive(parent.pid), status]).toEqual([true, 0]);
      parent.kill('SIGKILL');
      // It may start another one at any time.
      expect(document.ended?.starters).toMatchObject([{ pid: parent.pid }]);
      expect(document.ended?.watchedMs).toBeGreaterThanOrEqual(3000);
      expect(document.notices).toMatchObject([
        expect.stringMatching(
          `^Nothing took the port again within 3.* s\\. pid ${parent.pid} .* still runs: it may do so later\\. Look again with "tcpclose why ${port}"\\.$`,
        ),
      ]);
    },
  );

  test(
    'ends a reloader that has started its own command line again',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      const file = join(folder, 'reloader.py');
      writeFileSync(
        file,
        `import os, signal, socket, subprocess, sys
if os.environ.get('RELOADED'):
  server = socket.socket(); server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
  signal.pause()
while True: subprocess.run(['python3', *sys.argv], env={**os.environ, 'RELOADED': '1'})`,
      );
      const parent = await start(['python3', file]);
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([
        { pid: parent.pid, role: 'watcher' },
        { role: 'holder' },
      ]);
      expect([isAlive(parent.pid), status]).toEqual([false, 0]);
    },
  );

  test(
    'does not call a port free if a server is started there again',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      // A fork and no new program: on a busy machine the start of Node takes longer than the last look waits.
      const script = `import os, signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
  if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
    signal.pause()
  os.wait()`;
      const loop = await start(['python3', '-c', script]);
      const { document, status } = await kill(port, ['--wait', '3s']);
      loop.kill('SIGKILL');
      for (const { pids } of document.holders) for (const pid of pids) process.kill(pid, 'SIGKILL');
      // It came back within the time, or the port was free for a moment only.
      expect([document.situation, status]).toEqual(['held', 1]);
    },
  );
});
