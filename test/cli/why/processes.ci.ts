import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { isRoot } from '../../support/machine.ts';
import { somePort } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';
import { why } from './shown.ts';

const ends = atEnd();

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
  const child = spawn('python3', [
    join(import.meta.dirname, '../../fixtures/servers/leaderless.py'),
    `${port}`,
  ]);
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
