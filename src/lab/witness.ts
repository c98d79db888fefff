import { assembleRecording, type Recording } from '../observe/packets/recording.ts';
import { decodeSegment, type Segment } from '../observe/packets/segment.ts';
import type { Transition } from '../observe/packets/transitions.ts';
import type { PacketsMessage, SightingsMessage } from '../peer/protocol.ts';
import { Host, thisMachine } from './host.ts';
import { Peer } from './peer.ts';
import type { Teardown } from './teardown.ts';

/** What is added to a time of CLOCK_MONOTONIC to get one of performance.now(). */
const toOwnAxis = performance.now() - Number(process.hrtime.bigint()) / 1e6;

/**
 * How much is recorded. `headers`: the headers of segments, and no states; `asked`: all, states by questions at a high rate;
 * `traced where allowed`: states from the kernel's tracepoints as well, which only root has.
 */
export type Depth = 'headers' | 'asked' | 'traced where allowed';

/**
 * Records what arrives in the network of a host, and what states its connections pass through, from processes of its own.
 * It is there before the first connection is.
 */
export class Witness {
  readonly #peer: Peer;
  readonly #trace: Trace | undefined;
  readonly #segments: Segment[] = [];
  readonly #numbers = new WeakMap<Buffer, number>();
  readonly #asked: Transition[] = [];

  private constructor(host: Host, trace: Trace | undefined) {
    this.#peer = new Peer(host);
    this.#trace = trace;
    this.#peer.onPackets = (packets) => this.#takePackets(packets);
    this.#peer.onSightings = (sightings) => {
      for (const sighting of sightings) this.#asked.push(asTransition(sighting));
    };
  }

  /** @throws SystemCallError EPERM where packets cannot be seen */
  static async open(host: Host, depth: Depth, teardown: Teardown): Promise<Witness> {
    const traceable = depth === 'traced where allowed' && process.getuid?.() === 0;
    const what = depth === 'headers' ? headersOnly : everything;
    const trace = traceable ? new Trace(teardown) : undefined;
    const witness = new Witness(host, trace);
    teardown.add(async () => void (await witness.#peer.end()));
    await Promise.all([witness.#peer.ask('witness', what), trace?.begin()]);
    return witness;
  }

  /** The ports of the run, as soon as one is chosen and before it is used. */
  async follow(ports: readonly number[]): Promise<void> {
    await this.#trace?.follow(ports);
  }

  /** Everything up to now. */
  async testimony(): Promise<Recording> {
    const [{ dropped, unwatched }] = await Promise.all([
      this.#peer.ask('testify', {}),
      this.#trace?.caughtUp(),
    ]);
    return assembleRecording({
      segments: this.#segments,
      asked: this.#asked,
      traced: this.#trace?.transitions,
      dropped,
      unwatched,
    });
  }

  /** Of the process that asks. */
  get pid(): number {
    return this.#peer.pid;
  }

  /** Both accounts of the same transitions, as they came; undefined where the kernel does not trace. For tests and measurements. */
  get accounts(): { asked: readonly Transition[]; traced: readonly Transition[] | undefined } {
    return { asked: this.#asked, traced: this.#trace?.transitions };
  }

  /** All of a captured packet, also where only its headers were recorded. */
  async whole(packet: Buffer): Promise<Buffer> {
    const number = this.#numbers.get(packet);
    if (number === undefined) return packet;
    const { data } = await this.#peer.ask('packet', { number });
    return Buffer.from(data, 'base64');
  }

  /** Sends packets as they are into the network. */
  async inject(packets: readonly Buffer[], to: Segment['to']): Promise<void> {
    await this.#peer.ask('inject', { to, packets: packets.map((packet) => packet.toString('base64')) });
  }

  #takePackets(packets: PacketsMessage['packets']): void {
    for (const { at, data } of packets) {
      const packet = Buffer.from(data, 'base64');
      const segment = decodeSegment(packet, at + toOwnAxis);
      if (segment === undefined) continue;
      this.#numbers.set(packet, this.#segments.length);
      this.#segments.push(segment);
    }
  }
}

const headersOnly = { states: 'ignored', data: 'headers' } as const;
const everything = { states: 'watched', data: 'whole' } as const;

/** The tracepoints of the kernel, read by a process that can mount their file system without anybody else seeing it. */
class Trace {
  readonly #peer: Peer;
  readonly #transitions: Transition[] = [];
  #state: 'open' | 'not allowed' = 'open';

  constructor(teardown: Teardown) {
    const ownMounts = new Host('a mount namespace', ['unshare', '--mount'], thisMachine.procNet);
    this.#peer = new Peer(ownMounts);
    this.#peer.onSightings = (sightings) => {
      for (const sighting of sightings) this.#transitions.push(asTransition(sighting));
    };
    // It takes its tracing away when its input ends.
    teardown.add(() => this.#peer.dismiss());
  }

  /** undefined where the kernel does not trace, or not for this user. */
  get transitions(): readonly Transition[] | undefined {
    return this.#state === 'open' ? this.#transitions : undefined;
  }

  async begin(): Promise<void> {
    try {
      await this.#peer.ask('trace', { ports: [] });
    } catch {
      // A container's root, or a kernel without tracefs: the states are asked for in any case.
      this.#state = 'not allowed';
    }
  }

  async follow(ports: readonly number[]): Promise<void> {
    if (this.#state === 'open') await this.#peer.ask('trace', { ports: [...ports] });
  }

  async caughtUp(): Promise<void> {
    if (this.#state === 'open') await this.#peer.ask('traced', {});
  }
}

function asTransition({ notBefore, at, ...rest }: SightingsMessage['sightings'][number]): Transition {
  return { ...rest, notBefore: notBefore === null ? null : notBefore + toOwnAxis, at: at + toOwnAxis };
}
