import { fstatSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { SystemCallError } from '../native/errno.ts';
import { bindSocket, closeDescriptor, localEndpoint, openSocket } from '../native/socket.ts';
import { parseHost } from './addresses.ts';
import { requireLinux } from './following.ts';

/** A port that no other program can bind until its holder releases it. */
export interface FreePort {
  readonly port: number;
  readonly address: string;
  /** The descriptor of a socket that is bound to it and does not listen: give it to `server.listen({ fd })`, or to a child. */
  readonly fd: number;
  /** Releases the port, unless a server of this process has taken the descriptor over and closed it. */
  close(): void;
}

/**
 * Binds a port that the kernel chooses, and keeps it. The socket is bound without SO_REUSEADDR, so that no other bind succeeds.
 * @throws TcpcloseError `bad-host`, `not-linux`
 */
export async function freePort({ host = '127.0.0.1' }: { readonly host?: string } = {}): Promise<FreePort> {
  requireLinux();
  const address = parseHost(host);
  const fd = openBound(address);
  const { port } = localEndpoint(fd);
  const { ino } = fstatSync(fd);
  return { port, address, fd, close: () => closeIfSame(fd, ino) };
}

function openBound(address: string): number {
  let fd: number | undefined;
  try {
    fd = openSocket(address, 'non-blocking');
    bindSocket(fd, { address, port: 0 });
    return fd;
  } catch (error) {
    if (fd !== undefined) closeDescriptor(fd);
    if (!(error instanceof SystemCallError)) throw error;
    throw new UsageError(
      'bad-host',
      `no port of ${address} can be bound (${error.message}): give an address of this machine, such as 127.0.0.1`,
      error,
    );
  }
}

// Whoever listens with the descriptor closes it; its number may then belong to another file.
function closeIfSame(fd: number, inode: number): void {
  try {
    if (fstatSync(fd).ino === inode) closeDescriptor(fd);
  } catch {
    // It is closed already.
  }
}
