import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTarget } from '../../../src/api/why-targets.ts';
import { harmless } from '../../../src/foreign.ts';
import type { ListenersDocument, SeveralDocument } from '../../../src/report/documents/why-answers.ts';
import type { UnixDocument } from '../../../src/report/documents/why-unix.ts';
import { paste, start } from '../../support/advice.ts';
import { asNobody, noRoot } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';
import { unless } from '../../support/skips.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('why');

async function why<Document>(args: readonly string[], prefix: readonly string[] = []) {
  const { stdout, stderr, status } = await tcpclose(['why', ...args, '--json'], { prefix });
  expect(stderr).toBe('');
  const document = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return { document: document as Document, status };
}

test.each([
  ['8080', 8080, undefined],
  [':8080', 8080, undefined],
  ['localhost:8080', 8080, undefined],
  ['*:8080', 8080, undefined],
  [`${hostname()}:8080`, 8080, undefined],
  ['127.0.0.1:8080', 8080, '127.0.0.1'],
  ['[::1]:8080', 8080, '::1'],
  ['[::ffff:127.0.0.1]:8080', 8080, '127.0.0.1'],
  ['http://localhost:8080/x?y=1:2#z', 8080, undefined],
  ['http://127.0.0.1/', 80, '127.0.0.1'],
  ['https://localhost', 443, undefined],
  ['postgres://user:secret@localhost/db', 5432, undefined],
  ['tcp://[::]:81', 81, '::'],
])('%s asks about port %d at %s', (text, port, host) => {
  expect(parseTarget(text)).toEqual({ kind: 'port', port, host });
});

test.each([
  ['/run/app.sock', '/run/app.sock'],
  ['./app.sock', './app.sock'],
  ['unix:/run/app.sock', '/run/app.sock'],
  ['unix:///run/app.sock', '/run/app.sock'],
  ['@app', '\0app'],
])('%s asks about a Unix socket', (text, name) => {
  expect(parseTarget(text)).toMatchObject({ kind: 'socket', name: { bytes: Buffer.from(name) } });
});

test.each(['', 'http', 'localhost', '1:2:3', '127.0.0.1', 'gopher://localhost/', ':0', '70000', '@'])(
  '%j asks about nothing',
  (text) => expect(() => parseTarget(text)).toThrow(/is not a port/),
);

test('several are answered in their order, and the status is the worst', async () => {
  const { server, port } = await listening();
  const free = somePort();
  const { document, status } = await why<SeveralDocument>([`localhost:${port}`, `:${free}`]);
  server.close();
  expect(document.answers).toMatchObject([
    { port, situation: 'held' },
    { port: free, situation: 'free' },
  ]);
  expect(status).toBe(1);
});

describe('without a port', () => {
  test('it lists all listeners with their programs, and UDP', async () => {
    const { server, port } = await listening();
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { document, status } = await why<ListenersDocument>([]);
    const { stdout } = await tcpclose(['why']);
    const processes = [{ pid: process.pid }];
    expect(document.listeners).toContainEqual(
      expect.objectContaining({ port, protocol: 'tcp', addresses: ['127.0.0.1'] }),
    );
    expect(document.listeners.find((listener) => listener.port === port)).toMatchObject({ processes });
    const listed = document.listeners.find((listener) => listener.port === udp.address().port);
    expect(listed).toMatchObject({ protocol: 'udp', processes });
    expect(stdout).toMatch(new RegExp(`^${port}/tcp +127\\.0\\.0\\.1 +pid ${process.pid} `, 'm'));
    expect(status).toBe(0);
    udp.close();
    server.close();
  });

  test('behind a launcher, too', async () => {
    const { server, port } = await listening();
    const { document } = await why<ListenersDocument>(['--on', 'env']);
    server.close();
    expect(document.listeners.map((listener) => listener.port)).toContain(port);
  });

  test('an ordinary user learns which listeners have hidden processes', unless(noRoot), async () => {
    const { server, port } = await listening();
    const { document } = await why<ListenersDocument>([], asNobody);
    const { stdout } = await tcpclose(['why'], { prefix: asNobody });
    server.close();
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /The (program of 1 listener is|programs of \d+ listeners are) not visible: run it as root/,
    );
    expect(document.listeners.find((listener) => listener.port === port)).toMatchObject({
      processes: [],
      user: 'root',
    });
    expect(document.refused).toBe(true);
  });
});

describe('a Unix socket', () => {
  const held = ['held', 1] as const;

  test('is held by the process that listens, and free when that has ended', async () => {
    const path = join(folder, 'app.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const client = connect(path);
    await once(client, 'connect');
    const { document, status } = await why<UnixDocument>([path]);
    expect([document.verdict, status]).toEqual(held);
    expect(document.holders).toMatchObject([
      { state: 'LISTEN', connections: 1, processes: [{ pid: process.pid }] },
    ]);
    client.destroy();
    server.close();
    await once(server, 'close');
    expect((await why<UnixDocument>([path])).document).toMatchObject({ verdict: 'free', holders: [] });
  });

  test('of a killed server is stale, and the advised command lets a bind succeed', async () => {
    const path = join(folder, 'stale.sock');
    const server = await start([
      process.execPath,
      '-e',
      `require('net').createServer().listen('${path}', () => console.log('up'))`,
    ]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const { document, status } = await why<UnixDocument>([path]);
    expect([document.verdict, document.connect, status]).toEqual(['stale', 'ECONNREFUSED', 1]);
    expect(paste(document.steps[0]?.command ?? '', 'sh')).toMatchObject({ status: 0, stderr: '' });
    const again = createServer().listen(path);
    await once(again, 'listening');
    again.close();
  });

  test('that lives in another network namespace is not called stale', unless(noRoot), async () => {
    const path = join(folder, 'other.sock');
    const script = `require('net').createServer().listen('${path}', () => console.log('up'))`;
    const server = await start(['unshare', '--net', process.execPath, '-e', script]);
    const { document, status } = await why<UnixDocument>([path]);
    expect([document.verdict, document.connect, document.holders]).toEqual(['held', 'ok', []]);
    expect(status).toBe(1);
    expect(document.steps.map(({ command }) => command).join()).not.toContain('rm ');
    server.kill('SIGKILL');
  });

  test('is reported as another file if the path has one, and no advice removes it', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'keep');
    const { document, status } = await why<UnixDocument>([path]);
    expect([document.verdict, status]).toEqual(['another file', 1]);
    expect(paste(document.steps[0]?.command ?? '', 'sh').status).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  test('with a replaced file is reported for the listener that has lost the file', async () => {
    const path = join(folder, 'lost.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    rmSync(path);
    const { document } = await why<UnixDocument>([path]);
    server.close();
    expect(document).toMatchObject({ verdict: 'free', lost: [{ processes: [{ pid: process.pid }] }] });
    expect(document.meaning).toContain('No client reaches it');
  });

  test('is not called free if no bind can succeed', unless(noRoot), async () => {
    const closed = mkdtempSync(join(tmpdir(), 'why-closed-'));
    const path = join(closed, 'app.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const { document: hidden, status } = await why<UnixDocument>([path], asNobody);
    expect([hidden.verdict, hidden.lost, status]).toEqual(['unknown', [], 1]);
    expect(hidden.steps[0]?.command).toMatch(/^sudo .* why \S+app\.sock$/);
    server.close();
    chmodSync(closed, 0o755);
    const outcomes = await why<SeveralDocument>(
      [path, join(closed, 'none', 'x.sock'), '/etc/passwd/x.sock', `/tmp/${'x'.repeat(120)}`],
      asNobody,
    );
    const [look, make] = outcomes.document.answers.map(
      (answer) => ('steps' in answer && answer.steps[0]?.command) || '',
    );
    expect(paste(look ?? '', 'sh')).toMatchObject({ status: 0, stderr: '' });
    expect(paste(make ?? '', 'sh')).toMatchObject({ status: 0, stderr: '' });
    const made = await why<UnixDocument>([join(closed, 'none', 'x.sock')]);
    expect(made.document.verdict).toBe('free');
    rmSync(closed, { recursive: true });
    expect(outcomes.document.answers).toMatchObject(
      ['EACCES', 'ENOENT', 'ENOTDIR', 'EINVAL'].map((bind) => ({ verdict: 'forbidden', bind })),
    );
    expect(outcomes.status).toBe(1);
  });

  test('with marks that act on a terminal in its path gets a command that removes that file', async () => {
    const path = join(folder, 'odd\n\u001b[31m.sock');
    const script = 'require("net").createServer().listen(process.argv[1], () => console.log("up"))';
    const server = await start([process.execPath, '-e', script, path]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const { document } = await why<UnixDocument>([path]);
    expect(document).toMatchObject({ verdict: 'stale', name: harmless(path) });
    expect(paste(document.steps[0]?.command ?? '', 'sh')).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('with an abstract name is found, and free after it', async () => {
    const name = `@why-${process.pid}`;
    const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(b'\\0${name.slice(1)}'); s.listen(); print('up', flush=True); sys.stdin.read()`;
    const server = await start(['python3', '-c', script]);
    const { document, status } = await why<UnixDocument>([name]);
    expect([document.verdict, status]).toEqual(held);
    expect(document.holders).toMatchObject([{ processes: [{ pid: server.pid }] }]);
    expect(paste(document.steps[0]?.command ?? '', 'sh').status).toBe(0);
    await once(server, 'exit');
    const after = await why<UnixDocument>([name]);
    expect([after.document.verdict, after.document.bind, after.status]).toEqual(['free', 'ok', 0]);
  });
});
