import type { Endpoint } from '../../address.ts';
import { TcpcloseError } from '../../errors.ts';
import { SystemCallError } from '../../native/errno.ts';
import type { SocketOption } from '../../native/options.ts';
import type { ConnectionEvent } from '../../peer/notifications.ts';
import type { Conduct, ShortConnections } from '../../peer/results.ts';
import { within } from '../../time.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { ConnectionEnd } from './connection-end.ts';
import { Peer, type Subject } from './peer.ts';
import type { Role } from './role.ts';
import type { Reuse } from './start-failure.ts';
import type { Performer } from './stimulus.ts';

/** The options of a new server. */
export interface ServerOptions extends Reuse {
  /** The host that it runs on, if there are two (default: the server's). */
  readonly host?: Role;
  /** Its name in reports (default: `server`). */
  readonly name?: string;
  /** The address to bind (default: the address of the run). */
  readonly address?: string;
  /** Default: the port of the run for the first server, and a free one for any other. */
  readonly port?: number;
  /** SO_REUSEADDR, set before bind (default: `on`, as Node sets it on every server). */
  readonly reuseAddress?: 'on' | 'off';
  /** IPV6_V6ONLY (default: the system default). */
  readonly v6Only?: 'on' | 'off';
  /** The backlog of listen(2) (default: 511, as in Node). */
  readonly backlog?: number;
  /** Options to set before bind. */
  readonly options?: Readonly<Partial<Record<SocketOption, number>>>;
  /** What it does with connections on its own (default: `idle`). */
  readonly conduct?: Conduct;
  /** For load.churn(): the server or the client ends each connection, and nothing of it is kept. `linger` is off by default. */
  readonly shortConnections?: Partial<ShortConnections> & Pick<ShortConnections, 'closer'>;
  /** `later`: connections wait in the accept queue until accept(). */
  readonly accepting?: 'at once' | 'later';
}

/** What a server does with short connections, with the defaults; undefined if it is not for churn(). */
export function shortConnectionsOf({ shortConnections }: ServerOptions): ShortConnections | undefined {
  return shortConnections && { linger: 'off', ...shortConnections };
}

/** A process with a real net.Server in it. */
export class Server extends Peer {
  readonly address: string;
  readonly port: number;
  readonly reuse: Required<Reuse>;
  readonly shortConnections: ShortConnections | undefined;
  readonly #reachableAt: () => string;
  readonly #waiting = new Set<() => void>();
  /** Its options. */
  readonly #options: NonNullable<ServerOptions['options']>;

  /** @internal */
  constructor(
    name: string,
    peer: PeerProcess,
    { address, port }: Endpoint,
    reachableAt: () => string,
    reuse: Required<Reuse>,
    run: Performer,
    options: ServerOptions = {},
  ) {
    super(name, peer, run);
    this.address = address;
    this.port = port;
    this.#reachableAt = reachableAt;
    this.reuse = reuse;
    this.shortConnections = shortConnectionsOf(options);
    this.#options = options.options ?? {};
    peer.onConnection = (event) => this.#accept(event);
  }

  /**
   * Where clients connect: its address or, for the wildcard address, an address of its host.
   * @throws NoAddress if no address of that family is known
   */
  get reachableAt(): string {
    return this.#reachableAt();
  }

  /** The listening socket, as a subject of expectations. */
  get listener(): Subject {
    const { process, address, port } = this;
    return {
      name: 'listener',
      ends: [new ConnectionEnd(process, 0, { address, port }, { address: anyOf(address), port: 0 }, port)],
    };
  }

  /** Begins to accept, after `accepting: 'later'`. */
  async accept(): Promise<void> {
    await this.run.perform(this.name, 'accept', '', () => this.process.call('accept', {}), undefined);
  }

  /** Starts another process that has inherited the listener. Returns its pid, for unshare(). */
  async shareListener(): Promise<number> {
    const share = () => this.process.call('share', { socket: 0 });
    const { pid } = await this.run.perform(this.name, 'share', 'the listener', share, { pid: 0 });
    return pid;
  }

  /** Closes the listening socket. Its connections stay, except those that wait in the accept queue. */
  async stopListening(): Promise<void> {
    const stop = () => this.process.call('stopListening', {});
    await this.run.perform(this.name, 'stop listening', '', stop, undefined);
  }

  /**
   * Its end of the connection with this other end, once accepted. `known`: how many ends it had when the same pair was connected before.
   */
  async connectionTo(other: ConnectionEnd, known = 0): Promise<ConnectionEnd> {
    const waiting = async () => {
      for (;;) {
        const end = this.ends.slice(known).findLast(({ remote }) => remote.port === other.local.port);
        if (end !== undefined) return end;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    };
    const late = () =>
      new TcpcloseError(
        'not-accepted',
        `${this.name} did not accept a connection within ${acceptDeadlineMs / 1000} s`,
      );
    try {
      return await within(acceptDeadlineMs, waiting(), late);
    } catch (error) {
      await this.#refuseWithoutDescriptors();
      throw error;
    }
  }

  // At EMFILE, libuv accepts the connection and closes it without reporting that to the server.
  async #refuseWithoutDescriptors(): Promise<void> {
    try {
      await this.process.call('openDescriptors', {});
    } catch (error) {
      if (error instanceof SystemCallError) throw new SystemCallError('accept', error.errno);
    }
  }

  /** Writes to the connection with that client only. */
  async writeTo(client: Peer, text: string): Promise<void> {
    const { socket } = await this.connectionTo(client.connection);
    const write = () => this.process.call('write', { socket, text });
    const what = `${JSON.stringify(text)} to ${client.name}`;
    await this.run.perform(this.name, 'write', what, write, { bytes: 0, inKernel: 0 });
  }

  /** socket.end() of the connection with that client only. */
  async endTo(client: Peer): Promise<void> {
    const { socket } = await this.connectionTo(client.connection);
    const end = () => this.process.call('end', { socket });
    await this.run.perform(this.name, 'end', `to ${client.name}`, end, undefined);
  }

  #accept({ socket, local, remote }: ConnectionEvent): void {
    const facts = { options: this.#options };
    this.ends.push(new ConnectionEnd(this.process, socket, local, remote, this.port, undefined, facts));
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}

const acceptDeadlineMs = 20_000;

function anyOf(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}
