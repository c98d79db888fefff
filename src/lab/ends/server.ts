import type { Endpoint } from '../../address.ts';
import { TcpcloseError } from '../../errors.ts';
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

/** What a server is started with. */
export interface ServerOptions extends Reuse {
  /** On whose host it runs, where there are two; the server's if not given. */
  readonly host?: Role;
  /** How reports call it; `server` if not given. */
  readonly name?: string;
  /** Where it binds; the address of the run if not given. */
  readonly address?: string;
  /** If not given, the port of the run for its first server, and a free one for any other. */
  readonly port?: number;
  /** SO_REUSEADDR, set before bind: `on` as Node does with every server, if not given. */
  readonly reuseAddress?: 'on' | 'off';
  /** IPV6_V6ONLY; the system default if not given. */
  readonly v6Only?: 'on' | 'off';
  /** Of listen(2); Node's 511 if not given. */
  readonly backlog?: number;
  /** Set before bind. */
  readonly options?: Readonly<Partial<Record<SocketOption, number>>>;
  /** What it does with connections of its own accord; `idle` if not given. */
  readonly conduct?: Conduct;
  /** For churn(): it ends each connection by itself, or the client does, and nothing is kept of them. `linger` is off if not given. */
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
  /** Where clients connect: its address, or for the wildcard address one of its host's. */
  readonly reachableAt: string;
  readonly reuse: Required<Reuse>;
  readonly shortConnections: ShortConnections | undefined;
  readonly #waiting = new Set<() => void>();
  /** What it was started with. */
  readonly #options: NonNullable<ServerOptions['options']>;

  /** @internal */
  constructor(
    name: string,
    peer: PeerProcess,
    { address, port }: Endpoint,
    reachableAt: string,
    reuse: Required<Reuse>,
    run: Performer,
    options: ServerOptions = {},
  ) {
    super(name, peer, run);
    this.address = address;
    this.port = port;
    this.reachableAt = reachableAt;
    this.reuse = reuse;
    this.shortConnections = shortConnectionsOf(options);
    this.#options = options.options ?? {};
    peer.onConnection = (event) => this.#accept(event);
  }

  /** The listening socket, as a subject of expectations. */
  get listener(): Subject {
    const { process, address, port } = this;
    return {
      name: 'listener',
      ends: [new ConnectionEnd(process, 0, { address, port }, { address: anyOf(address), port: 0 }, port)],
    };
  }

  /** Starts to accept, after `accepting: 'later'`. */
  async accept(): Promise<void> {
    await this.run.perform(this.name, 'accept', '', () => this.process.call('accept', {}), undefined);
  }

  /** Closes the listening socket; its connections stay. */
  async stopListening(): Promise<void> {
    await this.run.perform(
      this.name,
      'stop listening',
      '',
      () => this.process.call('stopListening', {}),
      undefined,
    );
  }

  /**
   * Its end of the connection that has this one at the other end, as soon as it is accepted. If the same pair has been
   * connected before, `known` is how many ends there were before this one.
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
        `${this.name} accepted no connection in ${acceptDeadlineMs / 1000} s`,
      );
    return within(acceptDeadlineMs, waiting(), late);
  }

  /** Writes to the connection with that client alone. */
  async writeTo(client: Peer, text: string): Promise<void> {
    const { socket } = await this.connectionTo(client.connection);
    const write = () => this.process.call('write', { socket, text });
    await this.run.perform(this.name, 'write', `${JSON.stringify(text)} to ${client.name}`, write, {
      bytes: 0,
      inKernel: 0,
    });
  }

  /** socket.end() of the connection with that client alone. */
  async endTo(client: Peer): Promise<void> {
    const { socket } = await this.connectionTo(client.connection);
    await this.run.perform(
      this.name,
      'end',
      `to ${client.name}`,
      () => this.process.call('end', { socket }),
      undefined,
    );
  }

  #accept({ socket, local, remote }: ConnectionEvent): void {
    const options = this.#options;
    this.ends.push(
      new ConnectionEnd(this.process, socket, local, remote, this.port, this.process.host, { options }),
    );
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}

const acceptDeadlineMs = 20_000;

function anyOf(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}
