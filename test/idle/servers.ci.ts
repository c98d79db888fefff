import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { setSocketOption } from '../../src/native/options.ts';
import { idle, serving } from '../support/idle.ts';
import { until } from '../support/until.ts';
import { answering } from './servers.ts';

/** Sends RST alone: resetAndDestroy() of Node may send a FIN before it. */
function abort(socket: Socket): void {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  setSocketOption(fd, 'SO_LINGER', 0);
  socket.destroy();
}

describe.concurrent('a server', () => {
  test('that announces the end of each connection has no race with any client', async () => {
    const port = await serving(answering('Connection: close\r\n', 0));
    const { verdict, idle: measured } = await idle(port);
    expect(measured.state).toBe('says close');
    expect(verdict).toBe('no race');
  });

  test('that ends each connection unannounced has a race with every client', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const port = await serving((socket) => void socket.once('data', () => socket.end(answer)));
    const { verdict, idle: measured, probes } = await idle(port, '--client', 'undici');
    expect(measured.state).toBe('closes unannounced');
    expect(probes.at(-1)).toMatchObject({ requests: 3, result: 'used up' });
    expect(verdict).toBe('race possible');
  });

  test('that resets is not taken for one that closes', async () => {
    const port = await serving(answering('', 2000, abort));
    const { probes } = await idle(port, '--client-idle', '5s', '--for', '30s');
    expect(probes.slice(1).map(({ by }) => by)).toEqual(['RST', 'RST', 'RST']);
  });

  test('that answers silence with 408, and closes earlier than it says, is recognised', async () => {
    const answer = answering('Keep-Alive: timeout=60\r\n', 2000);
    const port = await serving((socket) => {
      const timer = setTimeout(() => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'), 2000);
      socket.once('data', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
      answer(socket);
    });
    const { probes, keepAlive } = await idle(port, '--client-idle', '5s', '--for', '20s');
    expect(probes[0]).toMatchObject({ requests: 0, notice: 'HTTP/1.1 408 Request Timeout', by: 'FIN' });
    expect(keepAlive).toMatchObject({ timeoutS: 60, keeps: 'closes earlier' });
  });

  test('of another protocol gets the bytes that the user gives', async () => {
    const port = await serving((socket) => {
      socket.on('data', (data) => void socket.write(data));
      socket.setTimeout(3000, () => socket.end());
    });
    const { probes, verdict } = await idle(
      port,
      '--request',
      'PING\\r\\n',
      '--client-idle',
      '5s',
      '--for',
      '5s',
    );
    expect(probes.map(({ result }) => result)).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect(verdict).toBe('race possible');
  });

  test('that answers one connection at a time is measured by the first', async () => {
    let busy = false;
    const answer = answering('', 300);
    const port = await serving((socket) => {
      if (busy) return;
      busy = true;
      answer(socket);
    });
    const { idle: measured, probes } = await idle(port, '--client-idle', '5s', '--answer-timeout', '600ms');
    expect(measured.state).toBe('closes');
    expect(probes.filter(({ result }) => result === 'no answer').length).toBeGreaterThan(0);
  });

  test('gets four connections at most, and each of them is closed', async () => {
    let [all, open] = [0, 0];
    const answer = answering('', 60_000);
    const port = await serving((socket) => {
      all++;
      open++;
      socket.once('close', () => open--);
      answer(socket);
    });
    await idle(port, '--for', '200ms');
    expect(all).toBe(4);
    await until('the connections to end', () => open === 0);
  });

  test('with SO_KEEPALIVE is not taken for one that never notices a silent client', async () => {
    const plain = await serving(answering('', 60_000));
    const noticing = await serving((socket) => {
      socket.setKeepAlive(true, 120_000);
      answering('', 60_000)(socket);
    });
    const [off, on] = await Promise.all([idle(plain, '--for', '200ms'), idle(noticing, '--for', '200ms')]);
    expect(off.silence).toMatchObject({ keepalive: 'off', firstProbeMs: null });
    expect(on.silence.keepalive).toBe('on');
    expect(on.silence.firstProbeMs).toBeGreaterThan(60_000);
  });
});
