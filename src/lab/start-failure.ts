import { type Endpoint, formatEndpoint } from '../address.ts';
import { UsageError } from '../errors.ts';
import { describeErrno, type SystemCallError } from '../native/errno.ts';
import type { ServerOptions } from './server.ts';

/** A server that could not be started: what failed, bind(2) or listen(2), and with what. */
export class StartFailure extends UsageError {
  readonly call: string;
  readonly errno: string;
  readonly options: ServerOptions;

  constructor(endpoint: Endpoint, options: ServerOptions, { call, errno }: SystemCallError) {
    const where = endpoint.port === 0 ? endpoint.address : formatEndpoint(endpoint);
    super(
      'start-failed',
      `no server on ${where}: ${call}: ${describeErrno(errno)}: ${remedy(endpoint, errno)}`,
    );
    this.call = call;
    this.errno = errno;
    this.options = options;
  }
}

function remedy({ address, port }: Endpoint, errno: string): string {
  switch (errno) {
    case 'EADDRINUSE':
      return `choose another port with --port, or ask "tcpclose why ${port}" what holds it`;
    case 'EADDRNOTAVAIL':
      return `${address} is not an address of this machine: choose one with --host ("ip address" lists them)`;
    case 'EACCES':
      return `choose a port above 1023 with --port, or run as root`;
    case 'EAFNOSUPPORT':
      return 'this machine has no IPv6: choose an IPv4 address with --host';
    default:
      return 'choose another address or port with --host and --port';
  }
}
