import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import * as v from 'valibot';
import { prepareToBind, tryBinding } from '../../native/binding.ts';
import { attempt } from '../../native/call.ts';
import { SystemCallError } from '../../native/errno.ts';
import { setSocketOptions } from '../../native/options.ts';
import { bindSocket, closeDescriptor, listenOn, localEndpoint, openSocket } from '../../native/socket.ts';
import { method } from '../../rpc/method.ts';
import { behave } from '../conduct.ts';
import { notify } from '../notify.ts';
import { binding, conduct, count, options, shortConnections } from '../schemas.ts';
import { closeFirst, ignoreErrors } from '../short-connections.ts';
import { addConnection, endpointsOf, setListener, theListener } from '../sockets.ts';

const listenParams = v.object({
  ...binding,
  /** `refused`: the port must have no socket, not even one over which SO_REUSEADDR would bind. */
  remnants: v.optional(v.picklist(['tolerated', 'refused']), 'tolerated'),
  backlog: count,
  options: v.optional(options, {}),
  conduct,
  /** `later`: the kernel completes connections, and they wait in the accept queue until `accept`. */
  accepting: v.optional(v.picklist(['at once', 'later']), 'at once'),
  /** For thousands of connections, none of which is reported or kept. */
  shortConnections: v.optional(v.object(shortConnections)),
});
type ListenParams = v.InferOutput<typeof listenParams>;

/**
 * Makes the peer a server. It calls socket, bind and listen itself, because libuv would set SO_REUSEADDR on every listener
 * and report bind's errno as listen's. A real net.Server then gets the descriptor.
 */
export const listen = method({
  params: listenParams,
  async run(params) {
    if (params.remnants === 'refused') refuseRemnants(params);
    const fd = openSocket(params.host, 'non-blocking');
    const failure = attempt(() => {
      prepareToBind(fd, params);
      setSocketOptions(fd, params.options);
      bindSocket(fd, { address: params.host, port: params.port });
      listenOn(fd, params.backlog);
    });
    if (failure !== null) {
      closeDescriptor(fd);
      throw failure;
    }
    setListener(serverFor(params), fd);
    backlog = params.backlog;
    if (params.accepting === 'at once') await startToAccept();
    return localEndpoint(fd);
  },
});

// A bind without options succeeds only if no socket is on the port.
function refuseRemnants({ host, port }: ListenParams): void {
  const { bind } = tryBinding({ host, reuseAddress: 'off', reusePort: 'off' }, port, 'not');
  if (bind !== 'ok') throw new SystemCallError('bind', bind);
}

function serverFor({ shortConnections, conduct }: ListenParams): Server {
  if (shortConnections === undefined) {
    return createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      behave(socket, conduct);
      notify('connection', { socket: addConnection(socket), ...endpointsOf(socket) });
    });
  }
  return createServer((socket) => {
    socket.on('error', ignoreErrors);
    if (shortConnections.closer === 'server') closeFirst(socket, shortConnections);
  });
}

let backlog = 0;

/** Begins to accept after `accepting: 'later'`. */
export const accept = method({ run: startToAccept });

// libuv calls listen(2) again, with this backlog, and starts to accept.
async function startToAccept(): Promise<void> {
  const { server, fd } = theListener();
  // Node ignores a backlog given as an option beside fd.
  await once(server.listen({ fd }, backlog), 'listening');
  // From now on nothing handles errors: an accept(2) that fails ends the peer.
}

/** Stops listening; accepted connections stay. */
export const stopListening = method({
  run() {
    const { server, fd } = theListener();
    // close() closes the descriptor at once, but calls back only once all connections have ended too.
    if (server.listening) server.close();
    // Before accept(), the descriptor does not belong to the server.
    else closeDescriptor(fd);
  },
});

/** Binds another socket, listens on it if `too` says so, and closes it at once. */
export const probe = method({
  params: v.object({ ...binding, listen: v.optional(v.picklist(['too', 'not']), 'not') }),
  run: ({ port, listen, ...binding }) => tryBinding(binding, port, listen),
});
