import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { stuckMs } from '../../../src/diagnose/situation/leaks.ts';
import { listenOn } from '../../../src/native/socket.ts';
import { paste, start } from '../../support/advice.ts';
import { bindOnly, closeDescriptor, somePort } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';
import { commandOf, expectOneScreen, kinds, why } from './troubles.ts';

/** A server that reads its clients to their end and never closes; `hang` does not even read. */
async function leaker(port: number, reads: 'to the end' | 'nothing'): Promise<ChildProcess> {
  const paused = reads === 'nothing';
  return start([
    process.execPath,
    '-e',
    `require('net').createServer({ allowHalfOpen: true, pauseOnConnect: ${paused} }, (s) => s.on('error', () => {})${paused ? '' : '.resume()'})
      .listen(${port}, '127.0.0.1', () => console.log('up'))`,
  ]);
}

async function clientsOf(port: number, count: number): Promise<Socket[]> {
  const clients = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  return clients;
}

describe('a leak', () => {
  test.each([
    ['to the end', 0, 'has not called close'],
    ['nothing', 4, 'has not read their end'],
  ] as const)(
    'of a server that reads %s is found with its age, and not after its end',
    async (reads, unread, words) => {
      const port = somePort();
      const server = await leaker(port, reads);
      const clients = await clientsOf(port, 4);
      for (const client of clients) client.end('x');
      const endedAt = performance.now();
      expect(kinds(await why(port))).toEqual([]);
      await until('the leak', () => performance.now() - endedAt > stuckMs + 500);
      const document = await why(port);
      const askedAt = performance.now();
      expect(document.situation).toBe('leaking');
      const [trouble] = document.troubles;
      expect(trouble?.text).toContain(`pid ${server.pid} `);
      expect(trouble?.text).toContain('still has 4 connections');
      expect(trouble?.text).toContain(words);
      const oldest = Number(/(\d+(?:\.\d)?) s ago/.exec(trouble?.text ?? '')?.[1]) * 1000;
      expect(oldest).toBeGreaterThan(stuckMs - 100);
      expect(oldest).toBeLessThan(askedAt - endedAt + 500);
      expect(document.language).toBe('Node');
      expect(document.steps[0]?.code?.['Node']).toContain("socket.on('end'");
      expect(unread).toBe(/has not read/.test(trouble?.text ?? '') ? 4 : 0);
      await expectOneScreen(port, `${port} has 4 connections in CLOSE_WAIT that are not closed`);
      for (const command of [commandOf(document, /watch/)])
        expect(paste(`timeout --signal=INT 8 ${command}`, 'sh').stdout).toContain('CLOSE_WAIT');
      server.kill('SIGKILL');
      await once(server, 'exit');
      expect(kinds(await why(port))).toEqual([]);
      for (const client of clients) client.destroy();
    },
  );
});

describe('a full accept queue', () => {
  test('is found with its numbers, and not when it has room', async () => {
    const { fd, port } = bindOnly();
    listenOn(fd, 1);
    const clients = await clientsOf(port, 2);
    const document = await why(port);
    expect(document.situation).toBe('overflowing');
    expect(document.troubles[0]?.text).toContain('2 connections wait, and its limit is 1');
    expect(document.troubles[0]?.text).toContain(`pid ${process.pid} `);
    const { stdout, status } = paste(commandOf(document, /wchan/), 'sh');
    expect([stdout.includes(`/proc/${process.pid}/syscall`), status]).toEqual([true, 0]);
    await expectOneScreen(port, `${port} does not accept`);
    listenOn(fd, 8);
    expect(kinds(await why(port))).toEqual([]);
    for (const client of clients) client.destroy();
    closeDescriptor(fd);
  });

  test('of a stopped process is emptied by the advised command', async () => {
    const port = somePort();
    const server = await start([
      process.execPath,
      '-e',
      `require('net').createServer((s) => s.on('error', () => {})).listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log('up'))`,
    ]);
    server.kill('SIGSTOP');
    const clients = await clientsOf(port, 2);
    const document = await why(port);
    expect(document.situation).toBe('overflowing');
    expect(document.troubles[0]?.text).toContain('it is stopped');
    expect(paste(document.steps[0]?.command ?? '', 'sh').status).toBe(0);
    await until('an empty queue', async () => kinds(await why(port)).length === 0);
    for (const client of clients) client.destroy();
    server.kill('SIGKILL');
  });
});

describe('two programs on one port', () => {
  const server = (port: number, host: string, name: string) =>
    start([
      process.execPath,
      '-e',
      `/* ${name} */ require('net').createServer().listen({ port: ${port}, host: '${host}', ipv6Only: true }, () => console.log('up'))`,
    ]);

  test.each([
    ['family', '127.0.0.1', '::1'],
    ['family', '0.0.0.0', '::'],
  ])('by %s (%s and %s) are both named', async (_, one, other) => {
    const port = somePort();
    const [first, second] = [await server(port, one, 'one'), await server(port, other, 'other')];
    const document = await why(port);
    expect(document.situation).toBe('shadowed');
    for (const { pid } of [first, second]) expect(document.troubles[0]?.text).toContain(`pid ${pid} `);
    await expectOneScreen(port, `${port} has two programs`);
    const commands = document.steps.map(({ command }) => command ?? '').filter((text) => /^kill/.test(text));
    expect(paste(commands[1] ?? '', 'sh').status).toBe(0);
    await until('one program', async () => (await why(port)).situation === 'held');
    first.kill('SIGKILL');
  });

  test('are not reported if one program has both families', async () => {
    const port = somePort();
    const script = `
      const net = require('net');
      net.createServer().listen(${port}, '127.0.0.1', () =>
        net.createServer().listen(${port}, '::1', () => console.log('up')));`;
    const both = await start([process.execPath, '-e', script]);
    expect(kinds(await why(port))).toEqual([]);
    both.kill('SIGKILL');
  });
});
