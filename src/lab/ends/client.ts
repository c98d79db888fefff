import type { SocketOption } from '../../native/options.ts';
import type { Conduct } from '../../peer/results.ts';
import type { Host } from '../hosts/host.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { Peer, type Subject } from './peer.ts';
import type { Role } from './role.ts';
import type { Reuse } from './start-failure.ts';
import type { Performer } from './stimulus.ts';

/** What a client is started with. */
export interface ClientOptions extends Reuse {
  /** On whose host it runs, if there are two; the client's if not given. */
  readonly host?: Role;
  /** How reports call it; `client` if not given. */
  readonly name?: string;
  /** How many connections it opens; 1 if not given. */
  readonly connections?: number;
  readonly localAddress?: string;
  /** Bound before connect; the kernel chooses if not given. */
  readonly localPort?: number;
  /** SO_REUSEADDR on the local port; `off` if not given, while Node sets it whenever a local port is chosen. */
  readonly reuseAddress?: 'on' | 'off';
  /** Set before connect. */
  readonly options?: Readonly<Partial<Record<SocketOption, number>>>;
  /** The sequence number of its SYN (ISN); the kernel's choice if not given. Needs a namespace. */
  readonly initialSequence?: number;
  /** What it does with its connections of its own accord; `idle` if not given. */
  readonly conduct?: Conduct;
  /** How long connect may take; 20 s if not given. */
  readonly timeoutMs?: number;
  /** The process of another peer, to connect from there; a process of its own if not given. */
  readonly process?: Peer;
  /** `not awaited`: for a connection that does not come about; needs a localPort. `awaited` if not given. */
  readonly completion?: 'awaited' | 'not awaited';
  /** Whether to wait until the server's process has accepted; `awaited` if not given. */
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

  /** The other ends of its connections, whichever process has them: also if none has accepted them. */
  get otherSide(): Subject {
    const mirrored = this.ends.map((end) => end.mirrored(this.#farHost));
    return { name: 'other side', ends: mirrored };
  }
}
