import * as v from 'valibot';
import { PacketClock } from '../../native/clock.ts';
import { SystemCallError } from '../../native/errno.ts';
import { headersSize, readPacketLayout } from '../../native/headers.ts';
import { type Packet, PacketSocket } from '../../native/packet-socket.ts';
import { waitForInput } from '../../native/poll.ts';
import type { StateChange } from '../notifications.ts';
import { notify } from '../notify.ts';
import { PollWatch } from './poll-watch.ts';
import { QueueWatch } from './queue-watch.ts';
import type { Watch } from './watch.ts';

const standardInput = 0;
const mostAtOnce = 256;
/** The longest pause. A packet or a command ends it early. */
const longestPauseMs = 100;
/** Time limits for reading; if more keeps arriving, the next report contains the rest. */
const longestSettlingMs = 1000;
const longestEndingMs = 100;
/** This much data is kept for requests of whole packets; older packets keep only their headers. */
const mostKeptBytes = 100 << 20;
/** Packets in one message. */
const mostInMessage = 16;

export const captureOptions = v.object({
  /** `asked around`: before and after each segment, which waits for that if the kernel can hold it. */
  states: v.picklist(['asked around', 'asked often', 'ignored']),
  /** How much of each packet is sent to tcpclose. */
  data: v.picklist(['whole', 'headers', 'nothing']),
});
type CaptureOptions = v.InferOutput<typeof captureOptions>;

/** What was not recorded. */
export interface Losses {
  /** Packets that did not fit into the kernel's buffer. */
  readonly dropped: number;
  /** Segments of connections beyond the number that can be watched. */
  readonly unwatched: number;
  /** Segments that passed because too many were waiting. */
  readonly passed: number;
}

/**
 * Records the packets of a network and the states of their connections, in its own process. It reports on request, so it keeps nothing else
 * busy.
 */
export class Capture {
  readonly #clock = new PacketClock();
  readonly #socket = new PacketSocket(this.#clock);
  readonly #watch: Watch | undefined;
  /** Why segments do not wait until the states of both sides are known; null if they do. */
  readonly whyNotHeld: string | null = null;
  readonly #data: CaptureOptions['data'];
  readonly #packets: Packet[] = [];
  #sent = 0;
  /** The oldest packet that is whole, and how much data there is from it on. */
  #whole = { from: 0, bytes: 0 };
  #stateChanges: StateChange[] = [];
  #lastEventAt = 0;
  #end: { readonly dropped: number } | undefined;

  constructor({ states, data }: CaptureOptions) {
    this.#data = data;
    if (states !== 'ignored') [this.#watch, this.whyNotHeld] = watchFor(states, this.#clock);
    this.#look();
  }

  /** Reads everything that has arrived. Returns how much that was. */
  settle(): number {
    return untilNothing(() => this.#watchStates() + this.#takePackets(), longestSettlingMs);
  }

  /** Releases all segments and stops capturing; everything captured before can still be read. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#watch?.close?.();
    untilNothing(() => this.#takePackets(), longestEndingMs);
    this.#end = { dropped: this.#socket.dropped };
    this.#socket.close();
  }

  flush(): Losses {
    if (this.#end === undefined) this.settle();
    this.#keep(this.#watch?.askAll() ?? []);
    this.#send();
    const { unwatched = 0, passed } = this.#watch ?? {};
    return { dropped: (this.#end ?? this.#socket).dropped, unwatched, passed: passed ?? 0 };
  }

  /** The whole packet with that number, in the order of arrival. */
  packet(number: number): Buffer {
    const packet = this.#packets[number];
    if (packet === undefined) throw new Error(`there is no packet ${number}`);
    if (number < this.#whole.from) throw new Error(`of packet ${number} only the headers were kept`);
    return packet.data;
  }

  readonly #look = (): void => {
    if (this.#end !== undefined) return;
    // States come first: they change, while packets wait.
    const events = this.#watchStates() + this.#takePackets();
    const now = performance.now();
    if (events > 0) this.#lastEventAt = now;
    else this.#rest(now - this.#lastEventAt);
    setImmediate(this.#look);
  };

  #rest(quietMs: number): void {
    const pause = Math.min(this.#watch?.pause(quietMs) ?? longestPauseMs, longestPauseMs);
    if (pause > 0) waitForInput([this.#watch?.fd ?? this.#socket.fd, standardInput], pause);
  }

  #takePackets(): number {
    const packets = this.#socket.take(mostAtOnce);
    for (const packet of packets) {
      const layout = readPacketLayout(packet.data);
      if (layout === undefined) continue;
      if (this.#data !== 'nothing') this.#keepPacket(packet);
      this.#watch?.captured?.(layout.from, layout.to);
    }
    return packets.length;
  }

  #keepPacket(packet: Packet): void {
    this.#packets.push(packet);
    if (this.#data === 'whole') return;
    this.#whole.bytes += packet.data.length;
    while (this.#whole.bytes > mostKeptBytes) {
      const oldest = this.#packets[this.#whole.from];
      if (oldest === undefined) return;
      this.#whole.bytes -= oldest.data.length;
      // A copy: a slice would keep all of it in memory.
      this.#packets[this.#whole.from++] = {
        ...oldest,
        data: Buffer.from(oldest.data.subarray(0, headersSize)),
      };
    }
  }

  #watchStates(): number {
    if (this.#watch === undefined) return 0;
    const { changes, events } = this.#watch.look();
    this.#keep(changes);
    return events;
  }

  #keep(changes: readonly StateChange[]): void {
    for (const change of changes) this.#stateChanges.push(change);
  }

  #send(): void {
    for (; this.#sent < this.#packets.length; this.#sent += mostInMessage) {
      const packets = this.#packets.slice(this.#sent, this.#sent + mostInMessage);
      notify(
        'packets',
        packets.map(({ at, data }) => ({ at, data: this.#encode(data) })),
      );
    }
    this.#sent = this.#packets.length;
    if (this.#stateChanges.length > 0) notify('stateChanges', this.#stateChanges);
    this.#stateChanges = [];
    const unheard = this.#watch?.takeUnheard?.() ?? [];
    if (unheard.length > 0) notify('unheard', unheard);
  }

  #encode(packet: Buffer): string {
    return packet.toString('base64', 0, this.#data === 'whole' ? packet.length : headersSize);
  }
}

/** The watch, and why segments do not wait for it. */
function watchFor(states: 'asked around' | 'asked often', clock: PacketClock): [Watch, string | null] {
  if (states === 'asked often') return [new PollWatch(), 'it was turned off'];
  try {
    return [new QueueWatch(clock), null];
  } catch (error) {
    if (error instanceof SystemCallError) return [new PollWatch(), error.message];
    throw error;
  }
}

/** Reads until nothing is left, or the time is over. Returns how much there was. */
function untilNothing(look: () => number, longestMs: number): number {
  const until = performance.now() + longestMs;
  let all = 0;
  for (let events = look(); events > 0 && performance.now() < until; events = look()) all += events;
  return all;
}
