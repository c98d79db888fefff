import { createServer, type Server, type Socket } from 'node:net';
import { prepareToBind, tryBinding } from '../../native/binding.ts';
import { attempt } from '../../native/call.ts';
import { SystemCallError } from '../../native/errno.ts';
import { setSocketOptions } from '../../native/options.ts';
import { bindSocket, closeDescriptor, listenOn, localEndpoint, openSocket } from '../../native/socket.ts';
import { send } from '../channel.ts';
import { behave } from '../conduct.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { closeFirst, ignoreErrors } from '../short-connections.ts';
import { addConnection, endpointsOf, setListener, theListener } from '../sockets.ts';

/**
 * socket, bind and listen are made here, one by one, since libuv would set SO_REUSEADDR on any listener of its own and
 * report bind's errno as listen's. The descriptor is then handed to a real net.Server.
 */
export async function listen(asked: ParsedParams<'listen'>): Promise<Result<'listen'>> {
  if (asked.remnants === 'refused') refuseRemnants(asked);
  const fd = openSocket(asked.host, 'non-blocking');
  const failure = attempt(() => {
    prepareToBind(fd, asked);
    setSocketOptions(fd, asked.options);
    bindSocket(fd, { address: asked.host, port: asked.port });
    listenOn(fd, asked.backlog);
  });
  if (failure !== null) {
    closeDescriptor(fd);
    throw failure;
  }
  const server = serverFor(asked);
  setListener(server, fd);
  backlog = asked.backlog;
  if (asked.accepting === 'at once') await accept();
  return localEndpoint(fd);
}

function serverFor(asked: ParsedParams<'listen'>): Server {
  const { shortConnections } = asked;
  if (shortConnections === undefined) {
    return createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => accepted(socket, asked));
  }
  return createServer((socket) => {
    socket.on('error', ignoreErrors);
    if (shortConnections.closer === 'server') closeFirst(socket, shortConnections);
  });
}

let backlog = 0;

/** libuv calls listen(2) once more, with this backlog, and starts to accept. */
export async function accept(): Promise<Result<'accept'>> {
  const { server, fd } = theListener();
  await new Promise<void>((resolve, reject) => {
    // As an option beside fd the backlog would be ignored.
    server.once('error', reject).listen({ fd }, backlog, resolve);
  });
  return {};
}

function accepted(socket: Socket, { conduct }: ParsedParams<'listen'>): void {
  behave(socket, conduct);
  send({ type: 'connection', socket: addConnection(socket), ...endpointsOf(socket) });
}

export async function stopListening(): Promise<Result<'stopListening'>> {
  const { server } = theListener();
  // close() calls back only when all connections have ended, too; the descriptor is closed at once.
  server.close();
  return {};
}

// A bind without options passes only where there is nothing at all.
function refuseRemnants({ host, port }: ParsedParams<'listen'>): void {
  const { bind } = tryBinding({ host, reuseAddress: 'off', reusePort: 'off' }, port, 'not');
  if (bind !== 'ok') throw new SystemCallError('bind', bind);
}

export async function probe({ port, listen, ...binding }: ParsedParams<'probe'>): Promise<Result<'probe'>> {
  return tryBinding(binding, port, listen);
}
