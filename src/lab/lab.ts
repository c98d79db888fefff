import { isIPv6 } from 'node:net';
import { formatEndpoint, isWildcard } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { SystemCallError } from '../native/errno.ts';
import { type Observer, type Snapshot, takeSnapshot } from '../observe/observer.ts';
import type { ProbeResult } from '../peer/results.ts';
import { sleep } from '../time.ts';
import { Client, type ClientOptions } from './client.ts';
import type { Host } from './host.ts';
import type { Party, Perform, Stimulus } from './party.ts';
import { randomPort, reservePort } from './ports.ts';
import { Server, type ServerOptions } from './server.ts';
import { Side } from './side.ts';
import type { Spares } from './spares.ts';
import { StartFailure } from './start-failure.ts';
import { Teardown } from './teardown.ts';

/** @internal */
export interface LabOptions {
  readonly host: Host;
  readonly spares: Spares;
  readonly observer: Promise<Observer>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Where servers bind if the scenario does not say. */
  readonly address: string;
  /** The port of the first server; a free one if undefined. */
  readonly port: number | undefined;
  /** Left out, to see that the checks depend on it. */
  readonly withheld: Stimulus | undefined;
}

/** A bind to try, and let go again. */
export interface ProbeOptions {
  readonly port: number;
  /** The address of the run if not given. */
  readonly address?: string;
  /** SO_REUSEADDR; `off` if not given. */
  readonly reuseAddress?: 'on' | 'off';
  readonly reusePort?: 'on' | 'off';
  readonly v6Only?: 'on' | 'off';
  /** Whether to try listen(2) as well; `not` if not given. */
  readonly listen?: 'too' | 'not';
}

/** What a scenario talks to: it starts servers and clients, reads the kernel's table, and takes all down again. */
export class Lab {
  readonly address: string;
  readonly signal: AbortSignal;
  readonly #options: LabOptions;
  readonly #teardown = new Teardown();
  readonly #reserved = new Set<number>();
  #port: number | undefined;
  #stimuliMade = 0;
  #lastLook: { snapshot: Snapshot; key: string; stimuliMade: number } | undefined;

  /** @internal */
  constructor(options: LabOptions) {
    this.address = options.address;
    this.signal = options.signal;
    this.#options = options;
    this.#port = options.port;
    this.#teardown.add(() => options.spares.end());
  }

  /**
   * Makes sure that the address and the port that the user chose can be bound, before anything is shown.
   * @internal
   * @throws UsageError that names what cannot be
   */
  async checkChoice(): Promise<void> {
    const { address, port = 0 } = this.#options;
    if (port !== 0) await this.#reserve(port, 'fail if busy');
    const { bind } = await this.probe({ port });
    if (bind !== 'ok') throw new StartFailure({ address, port }, {}, new SystemCallError('bind', bind));
  }

  /**
   * Starts a server process and has it listen.
   * @throws StartFailure with the call that failed, bind or listen, and its errno
   */
  async server(options: ServerOptions = {}): Promise<Server> {
    const given = options.port ?? this.#takePort();
    const peer = await this.#options.spares.take();
    for (;;) {
      const port = given ?? randomPort();
      if (!(await this.#reserve(port, given === undefined ? 'skip if busy' : 'fail if busy'))) continue;
      const address = options.address ?? this.address;
      const asks = {
        host: address,
        port,
        remnants: given === undefined ? 'refused' : 'tolerated',
        reuseAddress: options.reuseAddress ?? 'on',
        reusePort: options.reusePort ?? 'off',
        ...(options.v6Only === undefined ? {} : { v6Only: options.v6Only }),
        backlog: options.backlog ?? 511,
        options: options.options ?? {},
        conduct: options.conduct ?? 'idle',
        accepting: options.accepting ?? 'at once',
      } as const;
      try {
        const endpoint = await peer.ask('listen', asks);
        this.#stimuliMade++;
        const server = new Server(options.name ?? 'server', peer, endpoint, options, this.#perform);
        this.#introduce(server, `listens on ${formatEndpoint(endpoint)}`);
        return server;
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error;
        if (given === undefined && error.errno === 'EADDRINUSE') continue;
        this.#options.spares.giveBack(peer);
        throw new StartFailure({ address, port }, options, error);
      }
    }
  }

  /** Starts a client process and has it connect. */
  async client(server: Server, options: ClientOptions = {}): Promise<Client> {
    const peer = await this.#options.spares.take();
    const { localAddress, localPort } = options;
    const asks = {
      host: reachable(server.address),
      port: server.port,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
      reuseAddress: options.reuseAddress ?? 'off',
      reusePort: options.reusePort ?? 'off',
      options: options.options ?? {},
      conduct: options.conduct ?? 'idle',
      timeoutMs: options.timeoutMs ?? 20_000,
    } as const;
    const client = new Client(options.name ?? 'client', peer, this.#perform);
    await Promise.all(
      Array.from({ length: options.connections ?? 1 }, async () => {
        const { socket, local, remote } = await peer.ask('connect', asks);
        const side = new Side(peer, socket, local, remote, server.port);
        client.sides.push(side);
        if (options.acceptance !== 'not awaited') await server.sideTo(side);
      }),
    );
    this.#stimuliMade++;
    const [{ local, remote } = client.side, ...others] = client.sides;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    this.#introduce(client, `connected ${formatEndpoint(local)} to ${formatEndpoint(remote)}${more}`);
    return client;
  }

  /** Tries bind(2), and listen(2) if told, with a socket of its own, and lets go at once: `ok` or errno of each. */
  async probe(options: ProbeOptions): Promise<ProbeResult> {
    const { address = this.address, reuseAddress = 'off', ...rest } = options;
    const { spares } = this.#options;
    const peer = await spares.take();
    try {
      return await peer.ask('probe', { host: address, reuseAddress, ...rest });
    } finally {
      spares.giveBack(peer);
    }
  }

  /**
   * Tries again and again until a bind without any option passes on the server's port.
   * @returns when that was, in milliseconds after `since` (performance.now())
   * @throws TcpcloseError `still-bound` after three minutes
   */
  async untilBindPasses(server: Server, since: number): Promise<number> {
    const snapshot = await this.look([server.port], 'fresh');
    const leftMs = Math.max(0, ...snapshot.rows.map(({ timer }) => timer?.leftMs ?? 0));
    const what = `a bind without SO_REUSEADDR on port ${server.port}`;
    this.emit({ type: 'waiting', what, endsAt: snapshot.askedAt + leftMs });
    const giveUpAt = performance.now() + 180_000;
    while (performance.now() < giveUpAt) {
      const { bind } = await this.probe({ address: server.address, port: server.port });
      const waitedMs = performance.now() - since;
      if (bind === 'ok') {
        this.emit({ type: 'waited' });
        return waitedMs;
      }
      await sleep(50, this.signal);
    }
    throw new TcpcloseError('still-bound', `${what} did not pass in three minutes`);
  }

  /** A reading of the kernel's table, never older than the last stimulus; `fresh` asks again in any case. @internal */
  async look(ports: readonly number[], age: 'since the last stimulus' | 'fresh'): Promise<Snapshot> {
    const key = ports.join();
    const last = this.#lastLook;
    const stimuliMade = this.#stimuliMade;
    if (age !== 'fresh' && last?.key === key && last.stimuliMade === stimuliMade) return last.snapshot;
    const snapshot = await takeSnapshot(await this.#options.observer, ports, this.signal);
    this.#lastLook = { snapshot, key, stimuliMade };
    return snapshot;
  }

  /** Reports a reading that a check rests on. @internal */
  show(snapshot: Snapshot): void {
    this.#options.emit({ type: 'snapshot', host: this.#options.host.name, snapshot });
  }

  /** The command with which a person sees the same from another terminal; null as long as there is no server. @internal */
  async commandToLook(): Promise<string | null> {
    if (this.#reserved.size === 0) return null;
    return (await this.#options.observer).command([...this.#reserved]);
  }

  /** @internal */
  emit: Emit = (event) => this.#options.emit(event);

  /** Takes down all that was set up. @internal */
  async end(): Promise<void> {
    await this.#teardown.run();
  }

  #takePort(): number | undefined {
    const port = this.#port;
    this.#port = undefined;
    return port;
  }

  // A port that this run has already may be listened on again: that is what restarts are.
  async #reserve(port: number, policy: 'skip if busy' | 'fail if busy'): Promise<boolean> {
    if (this.#reserved.has(port)) return policy === 'fail if busy';
    try {
      const lock = await reservePort(port);
      this.#teardown.add(() => void lock.close());
      this.#reserved.add(port);
      return true;
    } catch (error) {
      if (policy === 'skip if busy' && error instanceof TcpcloseError) return false;
      throw error;
    }
  }

  #introduce({ name, pid }: Party, description: string): void {
    this.emit({ type: 'party', name, pid, description: `${description}, pid ${pid}` });
  }

  readonly #perform: Perform = async (who, stimulus, detail, act, instead) => {
    const withheld = this.#options.withheld === stimulus;
    const made = withheld ? 'left out' : 'really';
    this.#options.emit({ type: 'action', who, verb: stimulus, detail, made });
    const result = withheld ? instead : await act();
    this.#stimuliMade++;
    return result;
  };
}

/** Where a client connects to reach a server that is bound to this address. */
function reachable(address: string): string {
  if (!isWildcard(address)) return address;
  return isIPv6(address) ? '::1' : '127.0.0.1';
}
