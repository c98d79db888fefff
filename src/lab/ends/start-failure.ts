import { type Endpoint, formatEndpoint } from '../../address.ts';
import { UsageError } from '../../errors.ts';
import { describeErrno, type SystemCallError } from '../../native/errno.ts';
import { isOfDescriptors, remedyFor } from '../../system-error.ts';

/** The options that decide conflicts of bind and connect. */
export interface Reuse {
  /** SO_REUSEADDR, set before bind. */
  readonly reuseAddress?: 'on' | 'off';
  /** SO_REUSEPORT (default: `off`). */
  readonly reusePort?: 'on' | 'off';
}

/** A server or a client could not be started: which call failed (bind, listen, connect), and its errno. */
export class StartFailure extends UsageError {
  readonly call: string;
  readonly errno: string;
  /** The options that were tried. */
  readonly reuse: Required<Reuse>;

  constructor(endpoint: Endpoint, reuse: Required<Reuse>, { call, errno }: SystemCallError) {
    const where = endpoint.port === 0 ? endpoint.address : formatEndpoint(endpoint);
    super('start-failed', `${where}: ${call}: ${describeErrno(errno)}: ${remedy(endpoint, errno)}`);
    this.call = call;
    this.errno = errno;
    this.reuse = reuse;
  }
}

function remedy({ address, port }: Endpoint, errno: string): string {
  switch (errno) {
    case 'EADDRINUSE':
      return `choose another port with --port, or ask "tcpclose why ${port}" what holds it`;
    case 'EADDRNOTAVAIL':
      return `${address} is not an address of this machine: choose one with --host ("ip address" lists them)`;
    case 'EACCES':
      return 'choose a port above 1023 with --port, or run as root';
    case 'EAFNOSUPPORT':
      return 'this machine has no IPv6: choose an IPv4 address with --host';
    default:
      if (isOfDescriptors(errno)) return remedyFor(errno) ?? '';
      return 'choose another address or port with --host and --port';
  }
}
