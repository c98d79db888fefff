import type { Server, Socket } from 'node:net';
import { canonicalAddress, type Endpoint } from '../address.ts';

/** The sockets of this peer by number. A destroyed one stays here, so that commands for it fail clearly. */
const connections = new Map<number, Socket>();
let listener: { server: Server; fd: number } | undefined;

export function addConnection(socket: Socket): number {
  const number = connections.size + 1;
  connections.set(number, socket);
  return number;
}

export function connection(number: number): Socket {
  const socket = connections.get(number);
  if (socket === undefined) throw new Error(`this peer has no connection ${number}`);
  return socket;
}

export function setListener(server: Server, fd: number): void {
  listener = { server, fd };
}

export function theListener(): { server: Server; fd: number } {
  if (listener === undefined) throw new Error('this peer does not listen');
  return listener;
}

/** The descriptor of a connection; 0 is the listener. */
export function descriptor(number: number): number {
  return number === 0 ? theListener().fd : descriptorOf(connection(number));
}

/** Only libuv's handle knows the descriptor; Node has no public API for it. */
export function descriptorOf(socket: Socket): number {
  const fd = (socket as unknown as { _handle: { fd: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0)
    throw new Error('the connection has no descriptor any more: it is destroyed');
  return fd;
}

export function endpointsOf(socket: Socket): { local: Endpoint; remote: Endpoint } {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  return {
    local: { address: canonicalAddress(localAddress) ?? localAddress, port: localPort },
    remote: { address: canonicalAddress(remoteAddress) ?? remoteAddress, port: remotePort },
  };
}
