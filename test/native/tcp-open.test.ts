import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { AF_INET } from '../../src/native/sockaddr.ts';
import { numberOfState, type State } from '../../src/state.ts';

const diag = new SockDiag();
const sockets: Socket[] = [];
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  diag.close();
});

async function connection(): Promise<{ client: Socket; accepted: Socket; port: number }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepting = once(server, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = await accepting;
  server.close();
  sockets.push(client, accepted);
  return { client, accepted, port };
}

/** As told when the connection is in that state; a listener that is about to go does not count. */
async function opens(port: number, state: State): Promise<Record<string, unknown>> {
  for (;;) {
    const found = diag.list(AF_INET, { port, ask: 'open' });
    if (found.some((socket) => socket.state === numberOfState(state)))
      return Object.fromEntries(
        found.map(({ local, open }) => [local.port === port ? 'accepted' : 'client', open]),
      );
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const expected = { client: 'active', accepted: 'passive' };

describe('the kernel’s counters show how an end opened its connection', () => {
  test('of one that has carried nothing', async () => {
    const { port } = await connection();
    expect(await opens(port, 'ESTABLISHED')).toEqual(expected);
  });

  test('of one that has carried data both ways', async () => {
    const { client, accepted, port } = await connection();
    client.resume().write('a'.repeat(12_345));
    accepted.write('b'.repeat(54_321));
    accepted.resume();
    await once(client, 'data');
    expect(await opens(port, 'ESTABLISHED')).toEqual(expected);
  });

  test('of a connection whose bytes are not read', async () => {
    const { accepted, port } = await connection();
    accepted.write(Buffer.alloc(16 << 20));
    expect(await opens(port, 'ESTABLISHED')).toEqual(expected);
  });

  test.each(['client', 'accepted'] as const)('of one that the %s side has shut down', async (side) => {
    const made = await connection();
    made[side].end();
    expect(await opens(made.port, 'FIN_WAIT2')).toEqual(expected);
  });

  test('and it is unknown if it was not requested', async () => {
    const { port } = await connection();
    expect(diag.list(AF_INET, { port }).map(({ open }) => open)).toEqual([null, null]);
  });
});
