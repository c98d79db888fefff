import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { formatEndpoint, isLoopback } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import type { Measured } from '../measured.ts';
import { SystemCallError } from '../native/errno.ts';
import type { ProbeResult } from '../peer/results.ts';
import type { State } from '../state.ts';
import { poll, retry, sleep } from '../time.ts';
import type { Client, ClientOptions } from './ends/client.ts';
import type { Peer, Subject } from './ends/peer.ts';
import { type ProbeOptions, probe } from './ends/probe.ts';
import type { Role } from './ends/role.ts';
import type { Server, ServerOptions } from './ends/server.ts';
import { startClient, startServer } from './ends/start.ts';
import { StartFailure } from './ends/start-failure.ts';
import { thisMachine } from './hosts/host.ts';
import { Kernel } from './kernel.ts';
import { Load } from './load.ts';
import { refuseFullDisk } from './no-room.ts';
import { PeerProcess } from './process/peer-process.ts';
import type { RunContext } from './run-context.ts';
import { Wire } from './wire.ts';

const betweenSamplesMs = 5;

/** One of many looks, begun this many milliseconds after the first. */
interface Sample {
  readonly atMs: number;
  readonly states: readonly State[];
}

/** The interface of a scenario: it starts servers and clients, and makes sure that nothing is left of them. */
export class Lab {
  /** Where servers bind by default. */
  readonly address: string;
  readonly signal: AbortSignal;
  /** Settings and counters of the kernel. */
  readonly kernel: Kernel;
  /** The network: captured segments, and replaying them. */
  readonly wire: Wire;
  /** Thousands of short connections. */
  readonly load: Load;
  readonly #run: RunContext;

  /** @internal */
  constructor(run: RunContext) {
    this.address = run.topology.server.address;
    this.signal = run.signal;
    this.kernel = new Kernel(run);
    this.wire = new Wire(run);
    this.load = new Load(run);
    this.#run = run;
  }

  /** Whether it is a loopback address: some kernel rules apply only to those. */
  get isLoopback(): boolean {
    return isLoopback(this.address);
  }

  /**
   * Starts a server process that listens.
   * @throws StartFailure with the call that failed, bind or listen, and its errno
   */
  async server(options: ServerOptions = {}): Promise<Server> {
    const port = options.port ?? this.#run.takeChosenPort();
    const server = await startServer(port === undefined ? options : { ...options, port }, this.#run);
    this.#announce(server, `listens on ${formatEndpoint(server)}`);
    return server;
  }

  /**
   * Starts a client process that connects.
   * @throws StartFailure with the call that failed, bind or connect, and its errno
   */
  async client(server: Server, options: ClientOptions = {}): Promise<Client> {
    const client = await startClient(server, options, this.#run);
    const [first, ...others] = client.ends;
    const verb = options.completion === 'not awaited' ? 'connects' : 'connected';
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const pair = first && `${formatEndpoint(first.local)} to ${formatEndpoint(first.remote)}`;
    if (pair !== undefined) this.#announce(client, `${verb} ${pair}${more}`);
    return client;
  }

  #announce({ name, pid }: Peer, description: string): void {
    this.#run.snapshots.outdate();
    const at = performance.now();
    this.#run.emit({ type: 'peer', name, pid, description: `${description}, pid ${pid}`, at });
  }

  /** A port that is unused on both hosts, outside the range that the kernel gives to clients. */
  async freePort(): Promise<number> {
    for (;;) {
      const port = await this.#run.ports.takeAny();
      // Binds one after the other, because on a single host the two would conflict.
      if ((await this.#isFree(port, 'server')) && (await this.#isFree(port, 'client'))) return port;
    }
  }

  async #isFree(port: number, host: Role): Promise<boolean> {
    const { bind } = await this.probe({ port, host });
    if (bind === 'ok' || bind === 'EADDRINUSE') return bind === 'ok';
    // Another port would fail as well.
    const { address } = this.#run.topology[host];
    const reuse = { reuseAddress: 'off', reusePort: 'off' } as const;
    throw new StartFailure({ address, port }, reuse, new SystemCallError('bind', bind));
  }

  /** Tries bind(2), and optionally listen(2), with another socket, which it closes at once. Returns `ok` or errno for each. */
  probe(options: ProbeOptions): Promise<ProbeResult> {
    return probe(this.#run.topology, options);
  }

  /**
   * Binds without any option to the server's port again and again until that succeeds.
   * @returns the time in milliseconds after `since` (performance.now())
   * @throws TcpcloseError `still-bound` after three minutes
   */
  async untilBindPasses(server: Server, since: number): Promise<number> {
    const { snapshots, emit, topology } = this.#run;
    const { rows, askedAt } = await snapshots.look(server.process.host, [server.port], 'fresh');
    const leftMs = Math.max(0, ...rows.map(({ timer }) => timer?.leftMs ?? 0));
    const what = `a bind without SO_REUSEADDR on port ${server.port}`;
    emit({ type: 'waiting', what, endsAt: askedAt + leftMs });
    const host = this.#run.runHostOf(server) === topology.server ? 'server' : 'client';
    const passes = async () => {
      const { bind } = await this.probe({ address: server.address, port: server.port, host });
      return bind === 'ok' && performance.now() - since;
    };
    const waitedMs = await poll(what, passes, { withinMs: 180_000, everyMs: 50, signal: this.signal });
    if (waitedMs === undefined)
      throw new TcpcloseError('still-bound', `${what} did not succeed within three minutes`);
    emit({ type: 'waited' });
    return waitedMs;
  }

  /**
   * Connects again and again until that succeeds.
   * @returns the client, and the time in milliseconds after `since` (performance.now())
   * @throws StartFailure from the last attempt when `withinMs` are over
   */
  async untilConnects(
    server: Server,
    options: ClientOptions,
    since: number,
    withinMs: number,
  ): Promise<{ client: Client; afterMs: number }> {
    const what = 'a connection to be established';
    this.#run.emit({ type: 'waiting', what, endsAt: null });
    const client = await retry(
      what,
      () => this.client(server, options),
      (error) => error instanceof StartFailure,
      { withinMs: since + withinMs - performance.now(), everyMs: 20, signal: this.signal },
    );
    this.#run.emit({ type: 'waited' });
    return { client, afterMs: performance.now() - since };
  }

  /** Waits for that time, as part of the experiment; `what` says what happens during the wait. */
  async pass(ms: number, what: string): Promise<void> {
    const { emit, snapshots } = this.#run;
    emit({ type: 'waiting', what, endsAt: performance.now() + ms });
    await sleep(ms, this.signal);
    snapshots.outdate();
    emit({ type: 'waited' });
  }

  /**
   * Looks at the ends of a peer repeatedly for this long, and returns the states of those that were there. If looks take long, it continues
   * until there are `atLeast` of them, because a share of three looks means nothing.
   */
  async sample(peer: Subject, forMs: number, atLeast = 1): Promise<Sample[]> {
    const { emit, snapshots, signal } = this.#run;
    const [first] = peer.ends;
    if (first === undefined) throw new TypeError(`${peer.name} has no connection`);
    const [startedAt, ports] = [performance.now(), [...new Set(peer.ends.map((end) => end.serverPort))]];
    emit({ type: 'waiting', what: `looks at ${peer.name}`, endsAt: startedAt + forMs });
    const samples: Sample[] = [];
    for (let atMs = 0; atMs < forMs || samples.length < atLeast; atMs = performance.now() - startedAt) {
      const { rows } = await snapshots.look(first.host, ports, 'fresh');
      const own = rows.filter((row) => peer.ends.some((end) => end.is(row)));
      samples.push({ atMs, states: own.map(({ state }) => state) });
      await sleep(betweenSamplesMs, signal);
    }
    emit({ type: 'waited' });
    return samples;
  }

  /** Watches the only connection of a peer from now on. The result is how long close(2) kept it, once that is known. */
  async watchClose(peer: Peer, withinMs = 60_000): Promise<() => Promise<Measured>> {
    const { local, remote } = peer.connection;
    const { peers } = this.#run.runHostOf(peer);
    const watching = await peers.take();
    await watching.call('watchClose', { local, remote, timeoutMs: withinMs });
    return async () => {
      try {
        return await watching.call('closeWatched', {});
      } finally {
        peers.giveBack(watching);
      }
    };
  }

  /**
   * Closes both ends of a connection that are in one process, the second one as soon as the FIN of the first has arrived, before the
   * kernel has acknowledged it.
   */
  async closeInTurn(first: Peer, second: Peer): Promise<void> {
    const sockets: [number, number] = [first.connection.socket, second.connection.socket];
    if (first.process !== second.process) throw new TypeError('both ends must be in one process');
    const close = () => first.process.call('closeInTurn', { sockets });
    await this.#run.perform(first.name, 'shutdown', `and then ${second.name}`, close, undefined);
  }

  /**
   * A new folder on this machine, for this run only. A separate process removes it, even if tcpclose is killed.
   * @param room the bytes that are to be written there
   * @throws NoRoom if the disk has less than that
   */
  async folder(room = 0): Promise<string> {
    await refuseFullDisk(tmpdir(), room);
    const owner = new PeerProcess(thisMachine);
    let path = '';
    this.#run.teardown.add(async () => {
      await owner.dismiss();
      // On a busy machine the owner may have been ended before it removed the folder.
      if (path !== '') await rm(path, { recursive: true, force: true });
    });
    ({ path } = await owner.call('makeFolder', {}));
    return path;
  }
}
