import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../src/errors.ts';
import { serverPorts } from '../../src/lab/hosts/ports.ts';
import { tryBinding } from '../../src/native/binding.ts';
import { setSocketOption } from '../../src/native/options.ts';
import { bindSocket, closeDescriptor, listenOn, localEndpoint, openSocket } from '../../src/native/socket.ts';
import { readProc } from './program.ts';

type Switch = 'on' | 'off';

interface ListenOptions {
  readonly reuseAddress?: Switch;
  readonly reusePort?: Switch;
  readonly address?: string;
  readonly port?: number;
}

// Tests run at once, in files side by side: each worker has ports of its own, and none is given twice.
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
const workers = 64;
const given = new Set<number>();

/** A port of which nothing is left, either: a bind without any option passes. */
export function somePort(): number {
  for (;;) {
    const [port = 0] = serverPorts(1);
    if (port % workers !== worker % workers || given.has(port)) continue;
    given.add(port);
    const binding = { host: '0.0.0.0', reuseAddress: 'off', reusePort: 'off' } as const;
    if (tryBinding(binding, port, 'not').bind === 'ok' && !isInTable(port)) return port;
  }
}

/** A client that an earlier server closed may have left its end in TIME_WAIT, which no bind meets. */
function isInTable(port: number): boolean {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return ['tcp', 'tcp6'].some((table) => readProc(`net/${table}`).includes(end));
}

/** Why a socket cannot be told which ports connect(2) may choose from, or null: Linux before 6.3 has no such option. */
export function whyNoPortRange(): string | null {
  const fd = openSocket('127.0.0.1', 'non-blocking');
  try {
    setSocketOption(fd, 'IP_LOCAL_PORT_RANGE', (40_001 << 16) | 40_000);
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    closeDescriptor(fd);
  }
}

/** A descriptor that is bound and does not listen. */
export function bindOnly({
  reuseAddress = 'off',
  reusePort = 'off',
  address = '127.0.0.1',
  port = somePort(),
}: ListenOptions = {}): { fd: number; port: number } {
  const fd = openSocket(address, 'non-blocking');
  setSocketOption(fd, 'SO_REUSEADDR', reuseAddress === 'on' ? 1 : 0);
  setSocketOption(fd, 'SO_REUSEPORT', reusePort === 'on' ? 1 : 0);
  bindSocket(fd, { address, port });
  return { fd, port: localEndpoint(fd).port };
}

/** A server of Node whose socket has the options that are asked for, which those of Node have not. */
export async function listening(options: ListenOptions = {}): Promise<{ server: Server; port: number }> {
  const { fd, port } = bindOnly(options);
  listenOn(fd, 511);
  const server = createServer({ allowHalfOpen: true }).listen({ fd });
  await once(server, 'listening');
  return { server, port };
}

export interface Connection {
  readonly client: Socket;
  readonly accepted: Socket;
  readonly port: number;
}

/** A connection whose listener is gone. */
export async function connectionWithoutListener(options: ListenOptions = {}): Promise<Connection> {
  const { server, port } = await listening(options);
  const accepting = once(server, 'connection');
  const client = connect({ port, host: options.address ?? '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await accepting) as [Socket];
  server.close();
  client.on('error', () => {});
  accepted.on('error', () => {});
  return { client, accepted, port };
}

/** Leaves a server's port in TIME_WAIT. */
export async function timeWait(options: ListenOptions = {}): Promise<number> {
  const { client, accepted, port } = await connectionWithoutListener(options);
  accepted.resume().end();
  client.resume();
  await once(client, 'end');
  client.end();
  await Promise.all([client, accepted].map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
  return port;
}

export { closeDescriptor };
