import { connect as netConnect, Socket } from 'node:net';
import * as v from 'valibot';
import { setSocketOption, setSocketOptions } from '../../native/options.ts';
import { bindSocket, closeDescriptor, connectSocket, openSocket, setBlocking } from '../../native/socket.ts';
import { method } from '../../rpc/method.ts';
import { behave } from '../conduct.ts';
import { conduct, count, onOff, options, port } from '../schemas.ts';
import { addConnection, endpointsOf } from '../sockets.ts';

const connectParams = v.object({
  host: v.string(),
  port,
  localAddress: v.optional(v.string()),
  localPort: v.optional(port),
  /** SO_REUSEADDR on the local port. Node sets it whenever a local port is chosen; here the given value applies. */
  reuseAddress: v.optional(onOff, 'off'),
  reusePort: v.optional(onOff, 'off'),
  options: v.optional(options, {}),
  /** The sequence number of its SYN (default: the kernel chooses). */
  initialSequence: v.optional(count),
  conduct,
  timeoutMs: count,
});
type ConnectParams = v.InferOutput<typeof connectParams>;

/** A client's connection: made by Node if the params are ordinary, otherwise by separate system calls. */
export const connect = method({
  params: connectParams,
  async run(params) {
    const socket = isPlain(params) ? await connectByNode(params) : await connectByCalls(params);
    behave(socket, params.conduct);
    return { socket: addConnection(socket), ...endpointsOf(socket) };
  },
});

function isPlain(params: ConnectParams): boolean {
  const { localPort, reuseAddress, reusePort, options, initialSequence } = params;
  const untouched = reuseAddress === 'off' && reusePort === 'off' && Object.keys(options).length === 0;
  return localPort === undefined && initialSequence === undefined && untouched;
}

function connectByNode({ host, port, localAddress, timeoutMs }: ConnectParams): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const local = localAddress === undefined ? {} : { localAddress };
    const socket = netConnect({ host, port, ...local, allowHalfOpen: true });
    // Paused before it is connected, so that nothing is read before it is requested.
    socket.pause();
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function connectByCalls(params: ConnectParams): Promise<Socket> {
  const fd = openSocket(params.host, 'blocking');
  try {
    if (params.initialSequence !== undefined) chooseSequence(fd, params.initialSequence);
    setSocketOption(fd, 'SO_REUSEADDR', params.reuseAddress === 'on' ? 1 : 0);
    if (params.reusePort === 'on') setSocketOption(fd, 'SO_REUSEPORT', 1);
    setSocketOptions(fd, params.options);
    if (params.localPort !== undefined || params.localAddress !== undefined) {
      const anyAddress = params.host.includes(':') ? '::' : '0.0.0.0';
      bindSocket(fd, { address: params.localAddress ?? anyAddress, port: params.localPort ?? 0 });
    }
    // connect(2) on a blocking socket gives up after SO_SNDTIMEO, with EINPROGRESS.
    setSocketOption(fd, 'SO_SNDTIMEO', params.timeoutMs);
    await connectSocket(fd, { address: params.host, port: params.port });
    setSocketOption(fd, 'SO_SNDTIMEO', 0);
    setBlocking(fd, 'non-blocking');
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return wrap(fd);
}

const TCP_SEND_QUEUE = 2;

// TCP_REPAIR allows the sequence number to be set, and connect() keeps it. Leaving TCP_REPAIR clears SO_REUSEADDR.
function chooseSequence(fd: number, initialSequence: number): void {
  setSocketOption(fd, 'TCP_REPAIR', 1);
  setSocketOption(fd, 'TCP_REPAIR_QUEUE', TCP_SEND_QUEUE);
  setSocketOption(fd, 'TCP_QUEUE_SEQ', initialSequence);
  setSocketOption(fd, 'TCP_REPAIR', 0);
}

/** A net.Socket around a connected descriptor, which does not start to read by itself. */
function wrap(fd: number): Socket {
  const options = { fd, readable: true, writable: true, allowHalfOpen: true, pauseOnCreate: true };
  return new Socket(options);
}
