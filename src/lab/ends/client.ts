import type { SocketOption } from '../../native/options.ts';
import type { Conduct } from '../../peer/results.ts';
import type { Host } from '../hosts/host.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { Peer, type Subject } from './peer.ts';
import type { Role } from './role.ts';
import type { Reuse } from './start-failure.ts';
import type { Performer } from './stimulus.ts';

/** The options of a new client. */
export interface ClientOptions extends Reuse {
  /** The host that it runs on, if there are two (default: the client's). */
  readonly host?: Role;
  /** Its name in reports (default: `client`). */
  readonly name?: string;
  /** The number of connections it opens (default: 1). */
  readonly connections?: number;
  readonly localAddress?: string;
  /** The port to bind before connect (default: the kernel chooses). */
  readonly localPort?: number;
  /** SO_REUSEADDR on the local port (default: `off`; Node itself would set it whenever a local port is chosen). */
  readonly reuseAddress?: 'on' | 'off';
  /** Options to set before connect. */
  readonly options?: Readonly<Partial<Record<SocketOption, number>>>;
  /** The sequence number of its SYN (ISN; default: the kernel chooses). Needs a namespace. */
  readonly initialSequence?: number;
  /** What it does with its connections on its own (default: `idle`). */
  readonly conduct?: Conduct;
  /** The time limit of connect (default: 20 s). */
  readonly timeoutMs?: number;
  /** Another peer whose process connects (default: a process of its own). */
  readonly process?: Peer;
  /** `not awaited`: for a connection that does not get established; needs a localPort (default: `awaited`). */
  readonly completion?: 'awaited' | 'not awaited';
  /** Whether to wait until the server's process has accepted (default: `awaited`). */
  readonly acceptance?: 'awaited' | 'not awaited';
}

/** A process with real net.Sockets in it. */
export class Client extends Peer {
  readonly reuse: Required<Reuse>;

  readonly #farHost: Host;

  /** @internal */
  constructor(name: string, peer: PeerProcess, farHost: Host, reuse: Required<Reuse>, run: Performer) {
    super(name, peer, run);
    this.reuse = reuse;
    this.#farHost = farHost;
  }

  /** The other ends of its connections, whichever process has them, even if they are not accepted. */
  get otherSide(): Subject {
    const mirrored = this.ends.map((end) => end.mirrored(this.#farHost));
    return { name: 'other side', ends: mirrored };
  }
}
