import type { Endpoint } from '../../address.ts';
import type { SocketOption } from '../../native/options.ts';
import type { Row } from '../../observe/row.ts';
import type { Host } from '../hosts/host.ts';
import type { PeerProcess } from '../process/peer-process.ts';

/** What else may be known about an end. */
interface EndFacts {
  readonly options?: { readonly [Name in SocketOption]?: number | undefined } | undefined;
  readonly knownSince?: number;
}

/** One end of a connection: a socket of a peer, which the kernel knows by its pair of endpoints. */
export class ConnectionEnd {
  /** @internal */
  readonly process: PeerProcess;
  /** The peer's number of the socket. @internal */
  readonly socket: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Whether it is the end on the server's port. */
  readonly serverPort: number;
  /** The host of its socket. @internal */
  readonly host: Host;
  /**
   * The time since which it is known, on the clock of performance.now().
   * @internal
   */
  readonly knownSince: number;
  /**
   * The options given to it, in the units of native/options.ts: some decide how long a state lasts.
   * @internal
   */
  readonly options: Map<SocketOption, number>;

  /** @internal */
  constructor(
    peer: PeerProcess,
    socket: number,
    local: Endpoint,
    remote: Endpoint,
    serverPort: number,
    host = peer.host,
    { options = {}, knownSince = performance.now() }: EndFacts = {},
  ) {
    this.host = host;
    this.knownSince = knownSince;
    this.options = new Map(Object.entries(options) as [SocketOption, number][]);
    this.process = peer;
    this.socket = socket;
    this.local = local;
    this.remote = remote;
    this.serverPort = serverPort;
  }

  /** The other end of the connection, on its host, as far as the kernel's table knows it. @internal */
  mirrored(host: Host): ConnectionEnd {
    const { process, remote, local, serverPort, knownSince } = this;
    return new ConnectionEnd(process, Number.NaN, remote, local, serverPort, host, { knownSince });
  }

  /** Whether a row of the kernel's table is this end, alive or left over. */
  is(row: Row): boolean {
    return (
      row.local.port === this.local.port &&
      row.remote.port === this.remote.port &&
      row.local.address === bare(this.local) &&
      row.remote.address === bare(this.remote)
    );
  }
}

// Without its zone: rows do not have zones.
function bare({ address }: Endpoint): string {
  return address.split('%')[0] ?? '';
}
