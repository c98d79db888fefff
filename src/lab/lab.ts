import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEndpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { SystemCallError } from '../native/errno.ts';
import { keyOf } from '../observe/packets/connections.ts';
import { type Changes, describeReplay, forge } from '../observe/packets/forge.ts';
import type { RecordedConnection } from '../observe/packets/recording.ts';
import type { Segment } from '../observe/packets/segment.ts';
import type { ProbeResult } from '../peer/results.ts';
import { sleep } from '../time.ts';
import type { Client, ClientOptions } from './client.ts';
import { thisMachine } from './host.ts';
import { Looking } from './looking.ts';
import type { Party, Perform, Stimulus } from './party.ts';
import { Ports } from './ports.ts';
import type { Server, ServerOptions } from './server.ts';
import { writeSetting } from './settings.ts';
import { StartFailure } from './start-failure.ts';
import { type Setting, startClient, startServer } from './starting.ts';
import type { Station } from './station.ts';
import type { Teardown } from './teardown.ts';
import type { Witness } from './witness.ts';

/** @internal */
export interface LabOptions {
  readonly station: Station;
  readonly teardown: Teardown;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Where servers bind if the scenario does not say. */
  readonly address: string;
  /** The port of the first server; a free one if undefined. */
  readonly port: number | undefined;
  /** Left out, to see that the checks depend on it. */
  readonly withheld: Stimulus | undefined;
  /** Records the run, where that is wanted. */
  readonly witness: Witness | undefined;
}

const captureDeadlineMs = 10_000;

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

/** What a scenario talks to: it starts servers and clients, and sees to it that nothing is left of them. */
export class Lab {
  readonly address: string;
  readonly signal: AbortSignal;
  /** @internal */
  readonly emit: Emit;
  /** @internal */
  readonly looking: Looking;
  readonly #options: LabOptions;
  readonly #ports: Ports;
  #port: number | undefined;

  /** @internal */
  constructor(options: LabOptions) {
    const { address, signal, emit, teardown, port, station, witness } = options;
    this.address = address;
    this.signal = signal;
    this.emit = emit;
    this.looking = new Looking([station], emit, signal);
    this.#options = options;
    this.#ports = new Ports(teardown, async (ports) => witness?.follow(ports));
    this.#port = port;
  }

  /**
   * Makes sure that the address and the port that the user chose can be bound, before anything is shown.
   * @internal
   * @throws UsageError that names what cannot be
   */
  async checkChoice(): Promise<void> {
    const { address, port = 0 } = this.#options;
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
    this.looking.outdate();
    this.#introduce(server, `listens on ${formatEndpoint(server)}`);
    return server;
  }

  /**
   * Starts a client process and has it connect.
   * @throws StartFailure with the call that failed, bind or connect, and its errno
   */
  async client(server: Server, options: ClientOptions = {}): Promise<Client> {
    const client = await startClient(server, options, this.#setting);
    this.looking.outdate();
    const [first, ...others] = client.sides;
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

  /** A port that nobody uses, outside the range that the kernel gives to clients. */
  async freePort(): Promise<number> {
    for (;;) {
      const port = await this.#ports.takeAny();
      if ((await this.probe({ port })).bind === 'ok') return port;
    }
  }

  /** Tries bind(2), and listen(2) if told, with a socket of its own, and lets go at once: `ok` or errno of each. */
  async probe(options: ProbeOptions): Promise<ProbeResult> {
    const { address = this.address, reuseAddress = 'off', ...rest } = options;
    const { spares } = this.#options.station;
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
    const { rows, askedAt } = await this.looking.look(server.peer.host, [server.port], 'fresh');
    const leftMs = Math.max(0, ...rows.map(({ timer }) => timer?.leftMs ?? 0));
    const what = `a bind without SO_REUSEADDR on port ${server.port}`;
    this.emit({ type: 'waiting', what, endsAt: askedAt + leftMs });
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

  /** Lets so much time pass, since that is the experiment; `what` tells what happens meanwhile. */
  async pass(ms: number, what: string): Promise<void> {
    this.emit({ type: 'waiting', what, endsAt: performance.now() + ms });
    await sleep(ms, this.signal);
    this.looking.outdate();
    this.emit({ type: 'waited' });
  }

  /**
   * What was captured of the party's only connection, as soon as that is enough, or what there is of it after ten seconds. Where the
   * pair of ports has been connected several times, it is about the last one. Needs packets.
   */
  async captured(
    party: Party,
    enough: (connection: RecordedConnection) => boolean = () => true,
  ): Promise<RecordedConnection> {
    const until = performance.now() + captureDeadlineMs;
    for (;;) {
      const connection = (await this.capturedIncarnations(party)).at(-1);
      if (connection !== undefined && (enough(connection) || performance.now() > until)) return connection;
      if (performance.now() > until)
        throw new TcpcloseError('nothing-captured', `nothing was captured of ${party.name}'s connection`);
      await sleep(2, this.signal);
    }
  }

  /**
   * Has two sides of a connection that are in one process closed in turn, the second one as soon as its kernel has heard of the
   * first, before that has acknowledged it.
   */
  async closeInTurn(first: Party, second: Party): Promise<void> {
    const sockets: [number, number] = [first.side.socket, second.side.socket];
    if (first.peer !== second.peer) throw new TypeError('both sides must be in one process');
    const close = () => first.peer.ask('closeInTurn', { sockets });
    await this.#perform(first.name, 'shutdown', `and then ${second.name}`, close, {});
  }

  /** What was captured so far of every connection of the pair of the party's only one, oldest first. Needs packets. */
  async capturedIncarnations(party: Party): Promise<readonly RecordedConnection[]> {
    const { local, remote } = party.side;
    const { connections } = await this.#witness.testimony();
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
      const packets = await Promise.all(segments.map(({ packet }) => this.#witness.whole(packet)));
      const forged = packets.map((packet) => forge(packet, changes));
      await this.#witness.inject(forged, first.to);
    };
    await this.#perform('the network', 'replay', describeReplay(segments, changes), replay, undefined);
  }

  get #witness(): Witness {
    const { witness } = this.#options;
    if (witness === undefined) throw new TypeError('a scenario that captures must need packets, and say so');
    return witness;
  }

  /** A new folder that is gone after the run. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'tcpclose-'));
    this.#options.teardown.add(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /**
   * Writes a setting of the kernel, such as `net.ipv4.tcp_fin_timeout`, and makes sure that it took. Only in a namespace that
   * was made for this run: the settings of the user's own network are never touched.
   */
  async sysctl(name: string, value: number | string): Promise<void> {
    const { host } = this.#options.station;
    if (host === thisMachine)
      throw new TypeError(`a scenario that sets ${name} needs a namespace, and must say so`);
    const path = `/proc/sys/${name.replaceAll('.', '/')}`;
    const write = () => writeSetting(host, path, String(value));
    await this.#perform('the kernel', 'sysctl', `${name} = ${value}`, write, undefined);
  }

  /** Has the kernel destroy the sockets of a party, as `ss -K` does; also what nobody holds any more. Needs a namespace. */
  async destroyInKernel(party: Party): Promise<void> {
    const { spares } = this.#options.station;
    const destroy = async () => {
      const peer = await spares.take();
      for (const { local, remote } of party.sides) await peer.ask('destroySocket', { local, remote });
      spares.giveBack(peer);
    };
    await this.#perform(party.name, 'destroy in kernel', '', destroy, undefined);
  }

  /** The command with which a person sees the same from another terminal; null as long as there is no port. @internal */
  commandToLook(): string | null {
    return this.looking.command(this.#ports.all);
  }

  get #setting(): Setting {
    const { station, address } = this.#options;
    return { address, spares: station.spares, ports: this.#ports, perform: this.#perform };
  }

  // The port that the user chose is for the first server.
  #takePort(): number | undefined {
    const port = this.#port;
    this.#port = undefined;
    return port;
  }

  #introduce({ name, pid }: Party, description: string): void {
    this.emit({ type: 'party', name, pid, description: `${description}, pid ${pid}` });
  }

  readonly #perform: Perform = async (who, stimulus, detail, act, instead) => {
    const withheld = this.#options.withheld === stimulus;
    this.emit({ type: 'action', who, verb: stimulus, detail, made: withheld ? 'left out' : 'really' });
    const result = withheld ? instead : await act();
    this.looking.outdate();
    return result;
  };
}
