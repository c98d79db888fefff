import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-targets');

const tsx = join(import.meta.dirname, '../../node_modules/.bin/tsx');

describe("a tool's own listener is not the server's", () => {
  test('tsx opens a Unix socket before the program has loaded', async () => {
    const port = somePort();
    const document = await restart([], [tsx, fixture('slow.cjs'), `${port}`]);
    expect(document).toMatchObject({ port, verdict: 'survives' });
    expect(document.runs[0]?.otherListeners).toMatchObject([{ port: null, tool: 'tsx' }]);
  });

  test('node --inspect opens a port for the debugger before the program has loaded', async () => {
    const [port, debuggers] = [somePort(), somePort()];
    const command = ['node', `--inspect=127.0.0.1:${debuggers}`, fixture('slow.cjs'), `${port}`];
    const document = await restart([], command);
    expect(document).toMatchObject({ port, verdict: 'survives' });
    expect(document.runs[0]?.otherListeners).toMatchObject([
      { port: debuggers, tool: 'the debugger of Node' },
    ]);
  });

  test('pm2 has two Unix sockets, and without a server behind them nothing listens', async () => {
    mkdirSync(join(folder, 'home'));
    const script = `const { createServer } = require('net');
      for (const name of ['rpc', 'pub']) createServer().listen('${folder}/home/' + name + '.sock');`;
    writeFileSync(join(folder, 'pm2-runtime.cjs'), script);
    const args = ['restart', '--timeout', '3s', '--', 'node', join(folder, 'pm2-runtime.cjs')];
    const { stderr, status } = await tcpclose(args);
    expect(stderr).toContain('did not listen within 3.0 s');
    expect(status).toBe(2);
  });
});

describe('of several listeners', () => {
  test('a TCP port goes before a Unix socket that was there earlier', async () => {
    const port = somePort();
    const path = join(folder, 'early.sock');
    const script = `const { createServer } = require('net');
      require('fs').rmSync('${path}', { force: true });
      createServer().listen('${path}');
      setTimeout(() => createServer((s) => s.resume()).listen(${port}, '127.0.0.1'), 500);`;
    const document = await restart([], ['node', '-e', script]);
    expect(document).toMatchObject({ port, path: null, verdict: 'survives' });
    expect(document.runs[0]?.otherListeners).toMatchObject([{ path, tool: null }]);
  });

  test('--socket chooses the Unix socket', async () => {
    const path = join(folder, 'chosen.sock');
    const script = `const { createServer } = require('net');
      require('fs').rmSync('${path}', { force: true });
      createServer().listen(${somePort()}, '127.0.0.1');
      createServer((s) => s.resume()).listen('${path}');`;
    const document = await restart(['--socket', path], ['node', '-e', script]);
    expect(document).toMatchObject({ port: null, path, verdict: 'survives' });
  });

  test.each([
    ['which come one after the other', []],
    ['of which the last comes when the server says so', ['--ready', 'it is up']],
    ['of which the last comes when a program that sleeps has woken up', [], '4'],
  ])('two ports %s are a question', async (_, options, after = '1.5') => {
    const [metrics, own] = [somePort(), somePort()];
    const command = ['python3', fixture('two-ports.py'), `${metrics}`, `${own}`, after];
    const { stdout, stderr, status } = await tcpclose(['restart', ...options, '--', ...command]);
    expect(stderr).toMatch(new RegExp(`127.0.0.1:${metrics} .*two-ports.*: choose one, such as --port`, 's'));
    expect(stderr).toContain(`127.0.0.1:${own}`);
    expect([stdout, status]).toEqual(['', 2]);
  });

  test('two ports, the last one opened by a timer of Node, cause a question', async () => {
    const [metrics, own] = [somePort(), somePort()];
    const script = `const { createServer } = require('http');
      createServer().listen(${metrics}, '127.0.0.1');
      setTimeout(() => createServer().listen(${own}, '127.0.0.1'), 3500);`;
    const { stderr, status } = await tcpclose(['restart', '--', 'node', '-e', script]);
    expect(stderr).toContain(`127.0.0.1:${own}`);
    expect(status).toBe(2);
  });

  test('a timer that repeats is waited for once', async () => {
    const port = somePort();
    const script = `require('net').createServer((s) => s.resume()).listen(${port}, '127.0.0.1');
      setInterval(() => {}, 2500);`;
    const { runs } = await restart([], ['node', '-e', script]);
    expect(runs).toMatchObject([{ verdict: 'survives' }]);
  });

  test('a port that the command never opens is answered with those that it did', async () => {
    const [metrics, own, other] = [somePort(), somePort(), somePort()];
    const command = ['python3', fixture('two-ports.py'), `${metrics}`, `${own}`, '0.1'];
    const args = ['restart', '--port', `${other}`, '--timeout', '3s', '--', ...command];
    const { stdout, stderr, status } = await tcpclose(args);
    expect(stderr).toContain(`does not listen on port ${other}, but on 127.0.0.1:`);
    expect(stderr).toContain(`--port ${metrics}`);
    expect(stderr).toContain(`--port ${own}`);
    expect([stdout, status]).toEqual(['', 2]);
  });

  test('two ports of two programs are a question', async () => {
    const ports = [somePort(), somePort()];
    const script = `node ${fixture('plain.cjs')} ${ports[0]} & node ${fixture('slow.cjs')} ${ports[1]} & wait`;
    const { stderr, status } = await tcpclose(['restart', '--', 'sh', '-c', script]);
    for (const port of ports) expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(status).toBe(2);
  });

  test('the one that --port names is tried, and the others are in the report', async () => {
    const [metrics, own] = [somePort(), somePort()];
    const command = ['python3', fixture('two-ports.py'), `${metrics}`, `${own}`, '0.1'];
    const document = await restart(['--port', `${own}`], command);
    expect(document).toMatchObject({ port: own, verdict: 'survives' });
    expect(document.runs[0]?.otherListeners).toMatchObject([{ port: metrics, tool: null }]);
  });
});

describe('what cannot be followed is refused for what it is', () => {
  test('a server that uses only UDP', async () => {
    const port = somePort();
    const script = `import socket, time; s = socket.socket(2, 2); s.bind(("127.0.0.1", ${port})); time.sleep(600)`;
    const { stderr, status } = await tcpclose(['restart', '--timeout', '2s', '--', 'python3', '-c', script]);
    expect(stderr).toContain(`opened only UDP ports (${port})`);
    expect(status).toBe(2);
  });

  test('a server in a network namespace of its own', async (context) => {
    const why = await whyUnmet('namespace');
    if (why !== null) return context.skip(why);
    const own = ['unshare', '--user', '--map-root-user', '--net', 'node', fixture('plain.cjs'), '8000'];
    const { stderr, status } = await tcpclose(['restart', '--timeout', '3s', '--', ...own]);
    expect(stderr).toContain('a network namespace of its own');
    expect(status).toBe(2);
  });

  test('setsid leaves one child, which is followed', async () => {
    const port = somePort();
    const document = await restart([], ['setsid', 'node', fixture('plain.cjs'), `${port}`]);
    expect(document).toMatchObject({ port, verdict: 'survives' });
  });
});

describe('a port that is held already', () => {
  test.each([
    ['by its own call', []],
    ['by its words', ['--no-watch']],
  ])('names its holder, %s', async (_, options) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      const args = ['restart', ...options, '--', 'node', fixture('plain.cjs'), `${port}`];
      const { stderr, status } = await tcpclose(args);
      expect(stderr).toContain(`port ${port} is held by process ${process.pid} (`);
      expect(stderr).toContain(`tcpclose why ${port}`);
      expect(status).toBe(2);
    } finally {
      server.close();
    }
  });
});

test('a command in quotes is written without them', async () => {
  const { stderr, status } = await tcpclose(['restart', 'node server.js']);
  expect(stderr).toContain('there is no "node server.js": write the command without quotes');
  expect(status).toBe(2);
});

test('a request is sent byte by byte, out of a file or with \\xNN', async () => {
  const bytes = Buffer.from([0x16, 0x03, 0x01, 0xff, 0xd2, 0x00, 0x5c]);
  const file = join(folder, 'request');
  const seen = join(folder, 'seen');
  writeFileSync(file, bytes);
  for (const request of [`@${file}`, '\\x16\\x03\\x01\\xff\\xd2\\0\\\\']) {
    const port = somePort();
    const script = `require('net').createServer((s) => s.once('data', (data) => {
      require('fs').writeFileSync('${seen}', data);
      s.write('hello');
    })).listen(${port}, '127.0.0.1')`;
    const { verdict } = await restart(['--request', request], ['node', '-e', script]);
    expect(verdict).toBe('survives');
    expect(readFileSync(seen)).toEqual(bytes);
  }
});
