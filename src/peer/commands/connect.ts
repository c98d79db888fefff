import { connect as netConnect, Socket } from 'node:net';
import { setSocketOption, setSocketOptions } from '../../native/options.ts';
import { bindSocket, closeDescriptor, connectSocket, openSocket, setBlocking } from '../../native/socket.ts';
import { behave } from '../conduct.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { addConnection, endpointsOf } from '../sockets.ts';

/** A client's connection: Node's own where nothing unusual is asked for, else made call by call. */
export async function connect(asked: ParsedParams<'connect'>): Promise<Result<'connect'>> {
  const socket = isPlain(asked) ? await connectByNode(asked) : await connectByCalls(asked);
  behave(socket, asked.conduct);
  return { socket: addConnection(socket), ...endpointsOf(socket) };
}

function isPlain(asked: ParsedParams<'connect'>): boolean {
  const { localPort, reuseAddress, reusePort, options, initialSequence } = asked;
  const untouched = reuseAddress === 'off' && reusePort === 'off' && Object.keys(options).length === 0;
  return localPort === undefined && initialSequence === undefined && untouched;
}

function connectByNode({ host, port, localAddress, timeoutMs }: ParsedParams<'connect'>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const local = localAddress === undefined ? {} : { localAddress };
    const socket = netConnect({ host, port, ...local, allowHalfOpen: true });
    // Paused before it is connected, so that nothing is read that nobody has asked for.
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

async function connectByCalls(asked: ParsedParams<'connect'>): Promise<Socket> {
  const fd = openSocket(asked.host, 'blocking');
  try {
    if (asked.initialSequence !== undefined) chooseSequence(fd, asked.initialSequence);
    setSocketOption(fd, 'SO_REUSEADDR', asked.reuseAddress === 'on' ? 1 : 0);
    if (asked.reusePort === 'on') setSocketOption(fd, 'SO_REUSEPORT', 1);
    setSocketOptions(fd, asked.options);
    if (asked.localPort !== undefined || asked.localAddress !== undefined) {
      const anyAddress = asked.host.includes(':') ? '::' : '0.0.0.0';
      bindSocket(fd, { address: asked.localAddress ?? anyAddress, port: asked.localPort ?? 0 });
    }
    // connect(2) on a blocking socket gives up after SO_SNDTIMEO, with EINPROGRESS.
    setSocketOption(fd, 'SO_SNDTIMEO', asked.timeoutMs);
    await connectSocket(fd, { address: asked.host, port: asked.port });
    setSocketOption(fd, 'SO_SNDTIMEO', 0);
    setBlocking(fd, 'non-blocking');
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return wrap(fd);
}

const TCP_SEND_QUEUE = 2;

// TCP_REPAIR lets the sequence number be written, and connect() keeps one that is there. Its end clears SO_REUSEADDR.
function chooseSequence(fd: number, initialSequence: number): void {
  setSocketOption(fd, 'TCP_REPAIR', 1);
  setSocketOption(fd, 'TCP_REPAIR_QUEUE', TCP_SEND_QUEUE);
  setSocketOption(fd, 'TCP_QUEUE_SEQ', initialSequence);
  setSocketOption(fd, 'TCP_REPAIR', 0);
}

/** A net.Socket around a connected descriptor that does not start to read by itself. */
function wrap(fd: number): Socket {
  const options = { fd, readable: true, writable: true, allowHalfOpen: true, pauseOnCreate: true };
  return new Socket(options);
}
