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

/** Takes away what the server has left where it listened, once all of it has ended; gives what had to be left. */
export async function clear(
  { diag, unixDiag, files }: RoundContext,
  target: Target | undefined,
  clients: readonly Endpoint[],
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
 * Ends the TIME_WAITs of the server's port that are left of our own clients, while nothing listens there, without any
 * privilege: a SYN from the client's port is answered by TIME_WAIT with an ACK, which the client, that knows of no such
 * connection, answers with a RST, and that ends TIME_WAIT (RFC 1337, unless net.ipv4.tcp_rfc1337 is set).
 */
async function clearPort(diag: SockDiag, port: number, clients: readonly Endpoint[]): Promise<void> {
  const ours = new Set(clients.map((client) => client.port));
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
      for (const { local, remote } of now) knocking.push(...knock(remote, local));
      await poll('their end', () => left().length === 0, { withinMs: 600, everyMs: 2 });
      for (const fd of knocking.splice(0)) closeDescriptor(fd);
    }
  } finally {
    for (const fd of knocking) closeDescriptor(fd);
  }
}

/** Sends a SYN from one end to the other; what cannot be done is left to time. */
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
 * Has a socket connect from an end where a client was. The kernel gives a port to clients of several servers at once, but not to
 * bind(2): so it is told to choose from that port alone (Linux 6.3 and later; before, the port is bound while nobody else has it).
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
