/** Peers, and pairs of them with a connection; they end after each test. */
import { afterEach } from 'vitest';
import { thisMachine } from '../../../src/lab/hosts/host.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import type { Params } from '../../../src/peer/methods.ts';
import type { ConnectionEvent } from '../../../src/peer/notifications.ts';

const peers: PeerProcess[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.end()));
});

export async function start(host = thisMachine): Promise<PeerProcess> {
  const peer = new PeerProcess(host);
  peers.push(peer);
  return peer.ready();
}

export const anyPort = { host: '127.0.0.1', port: 0, reuseAddress: 'off', backlog: 16 } as const;

interface Pair {
  readonly server: PeerProcess;
  readonly client: PeerProcess;
  /** The numbers of the two sockets. */
  readonly accepted: number;
  readonly connected: number;
  readonly event: ConnectionEvent;
}

export async function pair(
  listen: Partial<Params<'listen'>> = {},
  connect: Partial<Params<'connect'>> = {},
): Promise<Pair> {
  const [server, client] = await Promise.all([start(), start()]);
  const accepting = new Promise<ConnectionEvent>((resolve) => {
    server.onConnection = resolve;
  });
  const { address: host, port } = await server.call('listen', { ...anyPort, ...listen });
  const { socket } = await client.call('connect', { host, port, timeoutMs: 5000, ...connect });
  const event = await accepting;
  return { server, client, accepted: event.socket, connected: socket, event };
}
