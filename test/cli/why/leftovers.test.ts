import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  bindOnly,
  closeDescriptor,
  connectionWithoutListener,
  listening,
  somePort,
  timeWait,
} from '../../support/sockets.ts';
import { bothFail, why, withItPasses } from './answers.ts';

describe('what is left without a listener', () => {
  test('TIME_WAIT of a server without SO_REUSEADDR blocks every bind, for as long as the kernel reports', async () => {
    const port = await timeWait();
    const { document, status } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      { kind: 'connection', state: 'TIME_WAIT', count: 1, owner: 'none', processes: [] },
    ]);
    expect(document).toMatchObject({ held: true, bind: bothFail, holders: [{ reuseAddress: false }] });
    expect(document.freeInMs).toBe(document.holders[0]?.leftMs);
    expect(document.freeInMs).toBeGreaterThan(1000);
    expect(document.freeInMs).toBeLessThanOrEqual(60_000);
    expect(status).toBe(1);
  });

  test('TIME_WAIT of a server with it lets a bind with it pass, and that is the first advice', async () => {
    const { document } = await why([String(await timeWait({ reuseAddress: 'on' }))]);
    expect(document.bind).toEqual(withItPasses);
    expect(document.holders).toMatchObject([{ state: 'TIME_WAIT', reuseAddress: true }]);
    expect(document.advice[0]).toContain('SO_REUSEADDR');
    const languages = document.advice.flatMap((text) => /^(?!wait)(\w+): /.exec(text)?.[1] ?? []);
    expect(languages).toEqual(['Node', 'Python', 'Go', 'Java', 'C', 'nginx']);
  });

  test('a connection that is still open is shown with its process', async () => {
    const { client, port } = await connectionWithoutListener();
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      { kind: 'connection', state: 'ESTABLISHED', processes: [{ pid: process.pid }], reuseAddress: false },
    ]);
    expect(document).toMatchObject({ bind: bothFail, freeInMs: null });
    client.destroy();
  });

  test('a FIN_WAIT2 without a process is shown with the time that is left', async () => {
    const { client, accepted, port } = await connectionWithoutListener();
    accepted.destroy();
    client.resume();
    await once(client, 'end');
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([{ kind: 'connection', state: 'FIN_WAIT2', owner: 'none' }]);
    expect(document.freeInMs).toBeGreaterThan(1000);

    // Its client is this process.
    const { freeInMs, freeAtLatestInMs, meaning, advice, notices } = document;
    expect((freeAtLatestInMs ?? 0) - (freeInMs ?? 0)).toBe(60_000);
    expect(meaning).toContain(` if the client, pid ${process.pid} (`);
    expect(meaning).toMatch(
      / does not close before; if it closes, TIME_WAIT holds the port for another 60 s\.$/,
    );
    expect(meaning).not.toContain('new connections');
    expect(notices).toEqual([]);
    // The step with code is for the server, whose language nothing shows any more.
    expect(document.language).toBeNull();
    expect(advice[0]).toMatch(/^wait until .*, in .+, or in up to 1 min .+ if the other side closes: /);
    expect(advice.find((text) => text.startsWith('destroy'))).not.toContain('unsent data');

    client.destroy();
    const closed = await why([String(port)]);
    expect(closed.document.holders).toMatchObject([{ state: 'TIME_WAIT' }]);
    expect(closed.document.freeAtLatestInMs).toBe(closed.document.freeInMs);
    expect(closed.document.meaning).toMatch(/ It will be free in \S+ s\.$/);
  });
});

test('a socket that is bound and does not listen is found', async () => {
  const { fd, port } = bindOnly();
  const { document, status } = await why([String(port)]);
  closeDescriptor(fd);
  expect(document).toMatchObject({ held: true, bind: bothFail });
  expect(status).toBe(1);
  // Kernels before 6.8 do not tell it: then the advice says so.
  if (document.holders.length === 0) expect(document.advice.join()).toContain('before 6.8');
  else
    expect(document.holders).toMatchObject([
      { kind: 'bound', state: 'BOUND_INACTIVE', processes: [{ pid: process.pid }], reuseAddress: false },
    ]);
});

describe("a client's outgoing connection on the port", () => {
  test('is not taken for a connection of a server', async () => {
    const { server, port: target } = await listening();
    const port = somePort();
    const client = connect({ host: '127.0.0.1', port: target, localPort: port });
    await once(client, 'connect');
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      {
        kind: 'client',
        state: 'ESTABLISHED',
        remotes: [{ address: '127.0.0.1', port: target }],
        processes: [{ pid: process.pid }],
      },
    ]);
    expect(document.held).toBe(true);
    client.destroy();
    server.close();
  });
});
