import { monotonicToOwn } from '../../native/clock.ts';
import { assembleRecording, type Recording } from '../../observe/packets/recording.ts';
import { decodeSegment, type Segment } from '../../observe/packets/segment.ts';
import type { Transition } from '../../observe/packets/transitions.ts';
import type { Params } from '../../peer/methods.ts';
import type { CapturedPacket, StateChange } from '../../peer/notifications.ts';
import { Host, thisMachine } from '../hosts/host.ts';
import { PeerProcess } from '../process/peer-process.ts';
import type { Teardown } from '../teardown.ts';

const toOwnAxis = monotonicToOwn();

/** Both clocks run at the same rate; converted times may be off by less than this. */
const clockErrorMs = 1;
const longestSettlingMs = 1000;

export interface CaptureOptions {
  /** `headers`: only those of segments, and no states. */
  readonly depth: 'headers' | 'everything';
  /** Whether the kernel's tracepoints also report states; only root may read them. */
  readonly tracepoints?: 'where allowed' | 'unused';
  /** Whether segments wait until the states around them are known. */
  readonly segments?: 'wait where possible' | 'pass';
}

/**
 * Records what arrives in the network of a host, and which states connections pass through there and on other hosts. Separate processes do
 * this. It runs before the first connection exists.
 */
export class Capture {
  readonly #peer: PeerProcess;
  /** The processes that see the states of the other hosts. */
  readonly #others: readonly PeerProcess[];
  readonly #trace: Trace | undefined;
  #whyNotHeld: string | null = null;
  /** The processes that make segments wait. */
  readonly #holding: PeerProcess[] = [];
  readonly #segments: Segment[] = [];
  readonly #injected: Segment[] = [];
  readonly #numbers = new WeakMap<Buffer, number>();
  readonly #asked: Transition[] = [];
  readonly #unheard: Pick<Segment, 'at' | 'header'>[] = [];

  private constructor(host: Host, others: readonly Host[], trace: Trace | undefined) {
    this.#peer = new PeerProcess(host);
    this.#others = others.map((other) => new PeerProcess(other));
    this.#trace = trace;
    this.#peer.onPackets = (packets) => this.#takePackets(packets);
    for (const peer of this.#all) {
      peer.onStateChanges = (changes) => {
        for (const change of changes) this.#asked.push(asTransition(change));
      };
      peer.onUnheard = (segments) => {
        for (const { at, header } of segments) this.#unheard.push({ header, at: at + toOwnAxis });
      };
    }
  }

  /**
   * The packets of the first host are recorded.
   * @throws SystemCallError EPERM if packets cannot be seen
   */
  static async open(
    hosts: readonly [Host, ...Host[]],
    { depth, tracepoints = 'where allowed', segments = 'wait where possible' }: CaptureOptions,
    teardown: Teardown,
  ): Promise<Capture> {
    const traceable = depth === 'everything' && tracepoints === 'where allowed' && process.getuid?.() === 0;
    const trace = traceable ? new Trace(teardown) : undefined;
    const states = depth === 'headers' ? 'ignored' : segments === 'pass' ? 'asked often' : 'asked around';
    const [host, ...others] = hosts;
    const capture = new Capture(host, depth === 'headers' ? [] : others, trace);
    teardown.add(async () => void (await Promise.all(capture.#all.map((peer) => peer.end()))));
    const data = depth === 'headers' ? 'headers' : 'whole';
    await Promise.all([capture.#begin(states, data), trace?.begin()]);
    return capture;
  }

  async #begin(states: Params<'capture'>['states'], data: Params<'capture'>['data']): Promise<void> {
    const answers = await Promise.all([
      this.#peer.call('capture', { states, data }),
      ...this.#others.map((other) => other.call('capture', { states, data: 'nothing' })),
    ]);
    if (states === 'asked around')
      this.#holding.push(...this.#all.filter((_, i) => answers[i]?.whyNotHeld === null));
    this.#whyNotHeld = answers.find(({ whyNotHeld }) => whyNotHeld !== null)?.whyNotHeld ?? null;
  }

  get #all(): readonly PeerProcess[] {
    return [this.#peer, ...this.#others];
  }

  /** The ports of the run, passed on as soon as one is chosen and before it is used. */
  async follow(ports: readonly number[]): Promise<void> {
    await this.#trace?.follow(ports);
  }

  /** Waits until no segment is held: everything done before has had its effect, as without a capture. Endless traffic gets a second. */
  async settled(): Promise<void> {
    const until = performance.now() + longestSettlingMs;
    // What one host releases may wait at another.
    for (let events = 1; events > 0 && performance.now() < until; ) {
      const answers = await Promise.all(this.#holding.map((peer) => peer.call('settle', {})));
      events = answers.reduce((sum, answer) => sum + answer.events, 0);
    }
  }

  /** Returns the recording up to now. If the capture ends with it, this is the last flush, and does not wait for traffic that continues. */
  async flush(then: 'continues' | 'ends' = 'continues'): Promise<Recording> {
    // Without held segments, more may happen than can be flushed.
    if (then === 'ends') await this.#trace?.caughtUp({ last: true });
    else await this.settled();
    const all = await Promise.all(this.#all.map((peer) => peer.call('flush', { last: then === 'ends' })));
    // The trace comes after the others: what they have seen was traced by then.
    if (then === 'continues') await this.#trace?.caughtUp({ last: false });
    const sum = (count: 'unwatched' | 'passed') => all.reduce((total, one) => total + one[count], 0);
    return assembleRecording({
      segments: withUnheard(this.#segments, this.#unheard),
      asked: this.#asked,
      traced: this.#trace?.transitions,
      traceLines: this.#trace?.lines ?? [],
      whyNotHeld: this.#whyNotHeld,
      passed: sum('passed'),
      dropped: all[0]?.dropped ?? 0,
      unwatched: sum('unwatched'),
    });
  }

  /** The pid of the process that records. */
  get pid(): number {
    return this.#peer.pid;
  }

  /** Both accounts of the same transitions, unmerged; undefined if the kernel does not trace. For tests and measurements. */
  get accounts(): { asked: readonly Transition[]; traced: readonly Transition[] | undefined } {
    return { asked: this.#asked, traced: this.#trace?.transitions };
  }

  /** The whole of a captured packet, even if only its headers were recorded. */
  async whole(packet: Buffer): Promise<Buffer> {
    const number = this.#numbers.get(packet);
    if (number === undefined) return packet;
    const { data } = await this.#peer.call('packet', { number });
    return Buffer.from(data, 'base64');
  }

  /** Sends packets unchanged into the network. */
  async inject(packets: readonly Buffer[], to: Segment['to']): Promise<void> {
    for (const packet of packets) {
      const injected = decodeSegment(packet, performance.now());
      if (injected !== undefined) this.#injected.push(injected);
    }
    await this.#peer.call('inject', { to, packets: packets.map((packet) => packet.toString('base64')) });
  }

  #takePackets(packets: readonly CapturedPacket[]): void {
    for (const { at, data } of packets) {
      const packet = Buffer.from(data, 'base64');
      const segment = decodeSegment(packet, at + toOwnAxis);
      if (segment === undefined) continue;
      this.#numbers.set(packet, this.#segments.length);
      this.#segments.push(this.#isInjected(segment) ? { ...segment, source: 'replay' } : segment);
    }
  }

  /** Whether the segment was injected, and is not yet found among the captured ones. */
  #isInjected({ header, at }: Segment): boolean {
    const found = this.#injected.findIndex((one) => one.header === header && one.at <= at + clockErrorMs);
    if (found !== -1) this.#injected.splice(found, 1);
    return found !== -1;
  }
}

/** Marks segments that were dropped before their socket received them. Two hosts do not see a segment at the same time. */
function withUnheard(
  segments: readonly Segment[],
  unheard: readonly Pick<Segment, 'at' | 'header'>[],
): readonly Segment[] {
  const marked = new Set(
    unheard.map(({ header, at }) => {
      const distance = (one: Segment) => Math.abs(one.at - at);
      return segments.filter((one) => one.header === header).sort((a, b) => distance(a) - distance(b))[0];
    }),
  );
  return segments.map((segment) => (marked.has(segment) ? { ...segment, unheard: true } : segment));
}

/** The tracepoints of the kernel, read by a process that can mount their file system without any other process seeing it. */
class Trace {
  readonly #peer: PeerProcess;
  readonly #transitions: Transition[] = [];
  /** What the tracepoint wrote, word for word. */
  readonly lines: string[] = [];
  #state: 'open' | 'not allowed' = 'open';

  constructor(teardown: Teardown) {
    const ownMounts = new Host('a mount namespace', ['unshare', '--mount'], thisMachine.procNet);
    this.#peer = new PeerProcess(ownMounts);
    this.#peer.onStateChanges = (changes) => {
      for (const change of changes) this.#transitions.push(asTransition(change));
    };
    this.#peer.onTraceLines = (lines) => {
      this.lines.push(...lines);
    };
    // It removes its tracing instance when its input ends.
    teardown.add(() => this.#peer.dismiss());
  }

  /** undefined if the kernel does not trace, or not for this user. */
  get transitions(): readonly Transition[] | undefined {
    return this.#state === 'open' ? this.#transitions : undefined;
  }

  async begin(): Promise<void> {
    try {
      await this.#peer.call('trace', { ports: [] });
    } catch {
      // For root in a container, or a kernel without tracefs; polling reads the states in any case.
      this.#state = 'not allowed';
    }
  }

  async follow(ports: readonly number[]): Promise<void> {
    if (this.#state === 'open') await this.#peer.call('trace', { ports: [...ports] });
  }

  async caughtUp(asks: Params<'traced'>): Promise<void> {
    if (this.#state === 'open') await this.#peer.call('traced', asks);
  }
}

function asTransition({ notBefore, at, processed, ...rest }: StateChange): Transition {
  return {
    ...rest,
    notBefore: notBefore === null ? null : notBefore + toOwnAxis,
    at: at + toOwnAxis,
    processed: processed && { ...processed, at: processed.at + toOwnAxis },
  };
}
