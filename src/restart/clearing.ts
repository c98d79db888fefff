import type { Endpoint } from '../address.ts';
import { SystemCallError } from '../native/errno.ts';
import { setSocketOption } from '../native/options.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { bindSocket, closeDescriptor, connectNow, openSocket } from '../native/socket.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import { poll } from '../time.ts';
import type { RoundContext } from './context.ts';
import type { Target } from './target.ts';
import type { LeftFile } from './trial.ts';

const patienceMs = 4000;
/** Each attempt needs a descriptor. */
const mostAtOnce = 500;

/** Removes the connections of a server that has ended to the ports of tcpclose's own clients. Returns what could not be removed. */
export async function clear(
  { diag, unixDiag, files }: RoundContext,
  target: Target | undefined,
  clients: ReadonlySet<number>,
): Promise<LeftFile[]> {
  if (target?.kind === 'tcp') await clearPort(diag, target.port, clients);
  const left: LeftFile[] = [];
  for (const file of files) {
    const removal = file.remove(unixDiag);
    if (removal.state === 'left') left.push({ path: file.shown, reason: removal.reason });
    file.close();
  }
  files.clear();
  return left;
}

/**
 * Ends the TIME_WAITs of tcpclose's own clients on the server's port while nothing listens there, without any privilege: TIME_WAIT answers
 * a SYN from the client's port with an ACK. The client does not know such a connection and answers with a RST, which ends TIME_WAIT (RFC
 * 1337, unless net.ipv4.tcp_rfc1337 is set).
 */
async function clearPort(diag: SockDiag, port: number, ours: ReadonlySet<number>): Promise<void> {
  const left = () =>
    socketsOnPort(diag, port).filter(
      ({ remote, inode, state }) => ours.has(remote.port) && inode === 0 && state !== 'LISTEN',
    );
  const knocking: number[] = [];
  try {
    for (const until = performance.now() + patienceMs; performance.now() < until; ) {
      const now = left();
      if (now.length === 0) return;
      // The kernel answers two such SYNs within half a second only once (net.ipv4.tcp_invalid_ratelimit).
      for (const { local, remote } of now.slice(0, mostAtOnce)) knocking.push(...knock(remote, local));
      await poll('their end', () => left().length === 0, { withinMs: 600, everyMs: 2 });
      for (const fd of knocking.splice(0)) closeDescriptor(fd);
    }
  } finally {
    for (const fd of knocking) closeDescriptor(fd);
  }
}

/** Sends a SYN from one end to the other; if that fails, the timer ends TIME_WAIT. */
function knock(from: Endpoint, to: Endpoint): number[] {
  const fd = openSocket(from.address, 'non-blocking');
  try {
    bindSourcePort(fd, from);
    connectNow(fd, to);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    if (error.errno !== 'EINPROGRESS') {
      closeDescriptor(fd);
      return [];
    }
  }
  return [fd];
}

/**
 * Connects a socket from the address and port of a former client. The kernel lets clients of several servers share a port, but bind(2) does
 * not, so the kernel's choice is limited to that port (Linux 6.3 and later; before that, the port is bound, unless another program has it).
 */
function bindSourcePort(fd: number, { address, port }: Endpoint): void {
  try {
    setSocketOption(fd, 'IP_LOCAL_PORT_RANGE', (port << 16) | port);
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === 'ENOPROTOOPT')) throw error;
    setSocketOption(fd, 'SO_REUSEADDR', 1);
    bindSocket(fd, { address, port });
    return;
  }
  setSocketOption(fd, 'IP_BIND_ADDRESS_NO_PORT', 1);
  bindSocket(fd, { address, port: 0 });
}
