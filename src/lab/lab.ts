import { readFile, rm } from 'node:fs/promises';
import { formatEndpoint, isLoopback } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Measured } from '../measured.ts';
import { SystemCallError } from '../native/errno.ts';
import { kernelTypesPath, structSizes } from '../observe/btf.ts';
import { keyOf } from '../observe/packets/connections.ts';
import { type Changes, describeReplay, forge } from '../observe/packets/forge.ts';
import type { RecordedConnection } from '../observe/packets/recording.ts';
import type { Segment } from '../observe/packets/segment.ts';
import { readSlab, type Slab } from '../observe/slab.ts';
import { countTimeWaits } from '../observe/sockstat.ts';
import { readSysctl } from '../observe/sysctl.ts';
import type { ProbeResult } from '../peer/results.ts';
import type { State } from '../state.ts';
import { formatSpan, sleep } from '../time.ts';
import { type ChurnOptions, type ChurnResult, noChurn, runChurn, usualTimeoutMs } from './churn.ts';
import type { Client, ClientOptions } from './ends/client.ts';
import type { Peer, Perform, Stimulus } from './ends/peer.ts';
import type { Role } from './ends/role.ts';
import type { Server, ServerOptions } from './ends/server.ts';
import { type StartContext, startClient, startServer } from './ends/start.ts';
import { StartFailure } from './ends/start-failure.ts';
import { type Host, thisMachine } from './hosts/host.ts';
import { Ports } from './hosts/ports.ts';
import { distinct, type RunHost, type Topology } from './hosts/run-host.ts';
import { writeMinimumRto, writeSysctl } from './hosts/sysctl.ts';
import { unplug } from './hosts/two-hosts.ts';
import { PeerProcess } from './process/peer-process.ts';
import type { Capture } from './recording/capture.ts';
import { CounterWatch } from './recording/counters.ts';
import { Sights } from './recording/sights.ts';
import { Snapshots } from './recording/snapshots.ts';
import { NothingObserved, TooSlow } from './recording/too-slow.ts';
import type { Teardown } from './teardown.ts';

/** @internal */
export interface LabOptions {
  readonly topology: Topology;
  readonly teardown: Teardown;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The port of the first server; a free one if undefined. */
  readonly port: number | undefined;
  /** Left out, to see that the checks depend on it. */
  readonly withheld: Stimulus | undefined;
  /** Records the run, where that is wanted. */
  readonly capture: Capture | undefined;
}

const captureDeadlineMs = 10_000;
const answerWithinMs = 10_000;
/** TCP_TIMEWAIT_LEN of <net/tcp.h>. */
const timeWaitMs = 60_000;

/** A bind to try, and let go again. */
export interface ProbeOptions {
  readonly port: number;
  /** On whose host, where there are two; the server's if not given. */
  readonly host?: Role;
  /** That of the host if not given. */
  readonly address?: string;
  /** SO_REUSEADDR; `off` if not given. */
  readonly reuseAddress?: 'on' | 'off';
  readonly reusePort?: 'on' | 'off';
  readonly v6Only?: 'on' | 'off';
  /** Whether to try listen(2) as well; `not` if not given. */
  readonly listen?: 'too' | 'not';
}

/** What a scenario talks to: it starts servers and clients, and sees to it that nothing is left of them. */
export class Lab {
  /** Where servers bind if the scenario does not say. */
  readonly address: string;
  readonly signal: AbortSignal;
  /** @internal */
  readonly emit: Emit;
  /** @internal */
  readonly snapshots: Snapshots;
  /** @internal */
  readonly sights = new Sights();
  readonly #options: LabOptions;
  readonly #ports: Ports;
  #port: number | undefined;
  /** When many connections began to be opened for the first time. */
  #churnedSince: number | undefined;

  /** @internal */
  constructor(options: LabOptions) {
    const { signal, emit, teardown, port, topology, capture } = options;
    this.address = topology.server.address;
    this.signal = signal;
    this.emit = emit;
    this.snapshots = new Snapshots(distinct(topology), emit, signal);
    this.#options = options;
    this.#ports = new Ports(teardown, async (ports) => capture?.follow(ports));
    this.#port = port;
  }

  /** Whether it is a loopback address: some rules of the kernel are for those alone. */
  get isLoopback(): boolean {
    return isLoopback(this.address);
  }

  /**
   * Makes sure that the address and the port that the user chose can be bound, before anything is shown.
   * @internal
   * @throws UsageError that names what cannot be
   */
  async checkChoice(): Promise<void> {
    const { address } = this;
    const { port = 0 } = this.#options;
    await this.#ports.take(port);
    const { bind } = await this.probe({ port });
    const reuse = { reuseAddress: 'off', reusePort: 'off' } as const;
    if (bind !== 'ok') throw new StartFailure({ address, port }, reuse, new SystemCallError('bind', bind));
  }

  /**
   * Starts a server process and has it listen.
   * @throws StartFailure with the call that failed, bind or listen, and its errno
   */
  async server(options: ServerOptions = {}): Promise<Server> {
    const port = options.port ?? this.#takePort();
    const server = await startServer(port === undefined ? options : { ...options, port }, this.#setting);
    this.snapshots.outdate();
    this.#introduce(server, `listens on ${formatEndpoint(server)}`);
    return server;
  }

  /**
   * Starts a client process and has it connect.
   * @throws StartFailure with the call that failed, bind or connect, and its errno
   */
  async client(server: Server, options: ClientOptions = {}): Promise<Client> {
    const client = await startClient(server, options, this.#setting);
    this.snapshots.outdate();
    const [first, ...others] = client.ends;
    if (first !== undefined) {
      const verb = options.completion === 'not awaited' ? 'connects' : 'connected';
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      this.#introduce(
        client,
        `${verb} ${formatEndpoint(first.local)} to ${formatEndpoint(first.remote)}${more}`,
      );
    }
    return client;
  }

  /** A port that nobody uses on either host, outside the range that the kernel gives to clients. */
  async freePort(): Promise<number> {
    for (;;) {
      const port = await this.#ports.takeAny();
      // One after the other, since on one host the two would be in each other's way.
      const { bind } = await this.probe({ port, host: 'server' });
      if (bind === 'ok' && (await this.probe({ port, host: 'client' })).bind === 'ok') return port;
    }
  }

  /** Tries bind(2), and listen(2) if told, with a socket of its own, and lets go at once: `ok` or errno of each. */
  async probe(options: ProbeOptions): Promise<ProbeResult> {
    const { host = 'server', reuseAddress = 'off', ...rest } = options;
    const { peers, address } = this.#options.topology[host];
    const asks = { host: options.address ?? address, reuseAddress, ...rest };
    return peers.lend((peer) => peer.call('probe', asks));
  }

  /**
   * Tries again and again until a bind without any option passes on the server's port.
   * @returns when that was, in milliseconds after `since` (performance.now())
   * @throws TcpcloseError `still-bound` after three minutes
   */
  async untilBindPasses(server: Server, since: number): Promise<number> {
    const { rows, askedAt } = await this.snapshots.look(server.process.host, [server.port], 'fresh');
    const leftMs = Math.max(0, ...rows.map(({ timer }) => timer?.leftMs ?? 0));
    const what = `a bind without SO_REUSEADDR on port ${server.port}`;
    this.emit({ type: 'waiting', what, endsAt: askedAt + leftMs });
    const host = this.#runHostOf(server) === this.#options.topology.server ? 'server' : 'client';
    const giveUpAt = performance.now() + 180_000;
    while (performance.now() < giveUpAt) {
      const { bind } = await this.probe({ address: server.address, port: server.port, host });
      const waitedMs = performance.now() - since;
      if (bind === 'ok') {
        this.emit({ type: 'waited' });
        return waitedMs;
      }
      await sleep(50, this.signal);
    }
    throw new TcpcloseError('still-bound', `${what} did not pass in three minutes`);
  }

  /**
   * Tries again and again to connect until it passes.
   * @returns the client, and when that was, in milliseconds after `since` (performance.now())
   * @throws StartFailure of the last try when `withinMs` are over
   */
  async untilConnects(
    server: Server,
    options: ClientOptions,
    since: number,
    withinMs: number,
  ): Promise<{ client: Client; afterMs: number }> {
    this.emit({ type: 'waiting', what: 'a connection to come about', endsAt: null });
    for (;;) {
      try {
        const client = await this.client(server, options);
        this.emit({ type: 'waited' });
        return { client, afterMs: performance.now() - since };
      } catch (error) {
        if (!(error instanceof StartFailure) || performance.now() - since > withinMs) throw error;
        await sleep(20, this.signal);
      }
    }
  }

  /** Lets so much time pass, since that is the experiment; `what` tells what happens meanwhile. */
  async pass(ms: number, what: string): Promise<void> {
    this.emit({ type: 'waiting', what, endsAt: performance.now() + ms });
    await sleep(ms, this.signal);
    this.snapshots.outdate();
    this.emit({ type: 'waited' });
  }

  /**
   * Waits until the processes of the run have dealt with all that had reached them.
   * @throws TooSlow where one does not answer: it is stopped, or gets no turn
   * @internal
   */
  async untilCaughtUp(what: string): Promise<void> {
    const peers = distinct(this.#options.topology).flatMap(({ peers }) => peers.working);
    const answers = await Promise.all(peers.map((peer) => peer.catchesUp(answerWithinMs, this.signal)));
    const silent = peers.filter((_, i) => answers[i] === 'does not').map(({ pid }) => pid);
    if (silent.length === 0) return;
    const seconds = answerWithinMs / 1000;
    throw new TooSlow(what, `process ${silent.join(', ')} of this run has not answered for ${seconds} s`);
  }

  /** Watches the only connection of a peer from now on: gives for how long close(2) held it, when that is known. */
  async watchClose(peer: Peer, withinMs = 60_000): Promise<() => Promise<Measured>> {
    const { local, remote } = peer.connection;
    const { peers } = this.#runHostOf(peer);
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

  /** Opens many short connections from one process on the client's host, and counts what becomes of them. */
  async churn(options: ChurnOptions): Promise<ChurnResult> {
    const { topology } = this.#options;
    const { connections, concurrency = 50, timeoutMs } = options;
    const act = () =>
      topology.client.peers.lend((peer) => runChurn(peer, topology, options, this.emit, this.signal));
    const detail = `${connections} connections, ${concurrency} at a time`;
    this.#churnedSince ??= performance.now();
    const result = await this.#perform('client', 'churn', detail, act, noChurn);
    // Nothing depends on the usual patience but on how busy the machine is.
    if (timeoutMs === undefined && result.late > 0)
      throw new TooSlow(detail, `${result.late} of them were not over in ${usualTimeoutMs / 1000} s`);
    return result;
  }

  /** How long connect(2) to a server takes from the client's host: the lower quartile of so many, in microseconds. */
  async connectTime(server: Server, connections: number): Promise<number> {
    const { peers } = this.#options.topology.client;
    const target = { address: server.reachableAt, port: server.port };
    const { microseconds } = await peers.lend((peer) => peer.call('connectTimes', { target, connections }));
    return microseconds.sort((a, b) => a - b)[Math.floor(connections / 4)] ?? Number.NaN;
  }

  /** How many sockets with the port of a server at either end are in a state now, on all hosts. */
  async countIn(state: State, { port }: Server): Promise<number> {
    let count = 0;
    for (const { host } of distinct(this.#options.topology)) {
      const snapshot = await this.snapshots.look(host, [port], 'fresh');
      this.snapshots.show(host, snapshot);
      count += snapshot.rows.filter((row) => row.state === state).length;
    }
    if (state === 'TIME_WAIT') this.#refuseIfEnded();
    return count;
  }

  /**
   * How many sockets are in TIME_WAIT now, or in a FIN_WAIT2 that nobody holds, on the host of that role or, if it is not given, on
   * all: the kernel counts both as one, and tells it at once, however many there are.
   */
  async timeWaits(role?: Role): Promise<number> {
    const { topology } = this.#options;
    const asked = role === undefined ? distinct(topology) : [topology[role]];
    const counts = await Promise.all(asked.map(({ host }) => countTimeWaits(host, this.signal)));
    this.#refuseIfEnded();
    return counts.reduce((sum, count) => sum + count, 0);
  }

  // A number says nothing any more when the first of those that are counted have ended by themselves.
  #refuseIfEnded(): void {
    const passedMs = performance.now() - (this.#churnedSince ?? performance.now());
    if (passedMs < timeWaitMs) return;
    throw new TooSlow(
      'TIME_WAITs',
      `the first of them were over when they were counted, ${formatSpan(passedMs)} after they began`,
    );
  }

  /** How many lines of the kernel log match; null where it must not be read. */
  async kernelLog(pattern: RegExp): Promise<number | null> {
    const { exitCode, stdout } = await this.#options.topology.server.host.run(['dmesg'], this.signal);
    return exitCode === 0 ? stdout.split('\n').filter((line) => pattern.test(line)).length : null;
  }

  /** How many objects of a kind the kernel has for the whole machine, and their size; null where slabinfo must not be read. */
  slab(name: string): Promise<Slab | null> {
    return readSlab(thisMachine, name);
  }

  /** The sizes of structs of the kernel, in bytes. Needs `kernel types`. */
  async kernelTypes(names: readonly string[]): Promise<Map<string, number>> {
    return structSizes(await readFile(kernelTypesPath), names);
  }

  /** Begins to read the kernel's counters of TCP (nstat(8)): what it gives tells how far they have moved since. */
  counters(): Promise<CounterWatch> {
    return CounterWatch.begin(distinct(this.#options.topology), this.signal);
  }

  /**
   * What was captured of the peer's only connection, as soon as that is enough, or what there is of it after ten seconds. Where the
   * pair of ports has been connected several times, it is about the last one. Needs packets.
   */
  async captured(
    peer: Peer,
    enough: (connection: RecordedConnection) => boolean = () => true,
  ): Promise<RecordedConnection> {
    const what = `what was captured of ${peer.name}'s connection`;
    const last = async () => (await this.capturedIncarnations(peer)).at(-1);
    for (const until = performance.now() + captureDeadlineMs; performance.now() < until; ) {
      const connection = await last();
      if (connection !== undefined && enough(connection)) return connection;
      await sleep(2, this.signal);
    }
    await this.untilCaughtUp(what);
    const connection = await last();
    if (connection === undefined) throw new NothingObserved(what);
    return connection;
  }

  /**
   * Has two sides of a connection that are in one process closed in turn, the second one as soon as its kernel has heard of the
   * first, before that has acknowledged it.
   */
  async closeInTurn(first: Peer, second: Peer): Promise<void> {
    const sockets: [number, number] = [first.connection.socket, second.connection.socket];
    if (first.process !== second.process) throw new TypeError('both sides must be in one process');
    const close = () => first.process.call('closeInTurn', { sockets });
    await this.#perform(first.name, 'shutdown', `and then ${second.name}`, close, {});
  }

  /** Takes the cable between the two hosts out, at the server's, and waits until the client's host knows of it. */
  async unplug(): Promise<void> {
    const { server, client } = this.#options.topology;
    if (server.host === client.host)
      throw new TypeError('a scenario that takes the cable out needs two hosts, and must say so');
    await this.#perform("the server's host", 'unplug', '', () => unplug(server.host, client.host), undefined);
  }

  /** What was captured so far of every connection of the pair of the peer's only one, oldest first. Needs packets. */
  async capturedIncarnations(peer: Peer): Promise<readonly RecordedConnection[]> {
    const { local, remote } = peer.connection;
    const { connections } = await this.#capture.flush();
    return connections.filter(({ client, server }) => keyOf(client, server) === keyOf(local, remote));
  }

  /**
   * Sends segments that were captured once more, as a network may that had kept them; word for word if nothing is to be changed.
   * Needs packets.
   */
  async replay(segments: readonly Segment[], changes: Changes = {}): Promise<void> {
    const [first] = segments;
    if (first === undefined) throw new TypeError('there is no segment to replay');
    const replay = async () => {
      const packets = await Promise.all(segments.map(({ packet }) => this.#capture.whole(packet)));
      const forged = packets.map((packet) => forge(packet, changes));
      await this.#capture.inject(forged, first.to);
    };
    await this.#perform('the network', 'replay', describeReplay(segments, changes), replay, undefined);
  }

  get #capture(): Capture {
    const { capture } = this.#options;
    if (capture === undefined) throw new TypeError('a scenario that captures must need packets, and say so');
    return capture;
  }

  /** A new folder on this machine that is gone after the run. A process of its own removes it, also when tcpclose is killed. */
  async folder(): Promise<string> {
    const owner = new PeerProcess(thisMachine);
    let path = '';
    this.#options.teardown.add(async () => {
      await owner.dismiss();
      // On a machine that is busy the owner may have been ended before it came to that.
      if (path !== '') await rm(path, { recursive: true, force: true });
    });
    ({ path } = await owner.call('makeFolder', {}));
    return path;
  }

  /**
   * Writes a setting of the kernel, such as `net.ipv4.tcp_fin_timeout`, and makes sure that it took: on both hosts, where there
   * are two. Only in a namespace that was made for this run: the settings of the user's own network are never touched.
   */
  async sysctl(name: string, value: number | string): Promise<void> {
    await this.#set(`${name} = ${value}`, (host) => writeSysctl(host, name, String(value)));
  }

  /** What a setting of the kernel is on the server's host; null where this kernel does not have it. */
  setting(name: string): Promise<string | null> {
    return readSysctl(this.#options.topology.server.host, name);
  }

  /** Sets the smallest retransmission timeout of connections that begin from now on, in milliseconds. As sysctl. */
  async minimumRto(ms: number): Promise<void> {
    await this.#set(`smallest RTO = ${ms} ms`, (host) => writeMinimumRto(host, ms));
  }

  /** Has the kernel destroy the sockets of a peer, as `ss -K` does; also what nobody holds any more. Needs a namespace. */
  async destroyInKernel(peer: Peer): Promise<void> {
    const { peers } = this.#runHostOf(peer);
    const destroy = () =>
      peers.lend(async (process) => {
        for (const { local, remote } of peer.ends) await process.call('destroySocket', { local, remote });
      });
    await this.#perform(peer.name, 'destroy in kernel', '', destroy, undefined);
  }

  /** The command with which a person sees the same from another terminal; null as long as there is no port. @internal */
  commandToLook(): string | null {
    return this.snapshots.command(this.#ports.all);
  }

  async #set(what: string, write: (host: Host) => Promise<void>): Promise<void> {
    const hosts = distinct(this.#options.topology).map(({ host }) => host);
    if (hosts.includes(thisMachine))
      throw new TypeError(`a scenario that sets ${what} needs a namespace, and must say so`);
    const writeAll = async () => void (await Promise.all(hosts.map(write)));
    await this.#perform('the kernel', 'sysctl', what, writeAll, undefined);
  }

  get #setting(): StartContext {
    const { topology } = this.#options;
    return { topology, ports: this.#ports, perform: this.#perform };
  }

  #runHostOf({ process }: Peer): RunHost {
    const { server, client } = this.#options.topology;
    return server.host === process.host ? server : client;
  }

  // The port that the user chose is for the first server.
  #takePort(): number | undefined {
    const port = this.#port;
    this.#port = undefined;
    return port;
  }

  #introduce({ name, pid }: Peer, description: string): void {
    this.emit({ type: 'peer', name, pid, description: `${description}, pid ${pid}` });
  }

  readonly #perform: Perform = Object.assign(
    async <Result>(
      who: string,
      stimulus: Stimulus,
      detail: string,
      act: () => Promise<Result>,
      instead: Result,
    ): Promise<Result> => {
      const withheld = this.#options.withheld === stimulus;
      this.emit({ type: 'action', who, verb: stimulus, detail, made: withheld ? 'left out' : 'really' });
      if (!withheld) this.sights.stimulus();
      const result = withheld ? instead : await act();
      await this.#options.capture?.settled();
      this.snapshots.outdate();
      return result;
    },
    { untilCaughtUp: (what: string) => this.untilCaughtUp(what) },
  );
}
