import type { PacketClock } from '../../native/clock.ts';
import { headerOf, readPacketLayout } from '../../native/headers.ts';
import { type HeldSegment, SegmentQueue } from '../../native/segment-queue.ts';
import type { StateChange, Unheard } from '../notifications.ts';
import { WatchedPairs } from './pairs.ts';
import type { Watch } from './watch.ts';

const mostAtOnce = 64;
/** Segments cause most changes. Other causes can wait: the end of a timer, or a FIN that does not fit into the window. */
const roundEveryMs = 1;
const mostInRound = 20;

/**
 * Makes every segment wait until the states of both sides are known, and queries them again as soon as the kernel has processed it: no
 * state between two segments is missed, even on a busy machine.
 */
export class QueueWatch implements Watch {
  readonly #pairs: WatchedPairs;
  readonly #queue: SegmentQueue;
  readonly #waiting: HeldSegment[] = [];
  #unheard: Unheard[] = [];
  #lastRoundAt = 0;

  /** @throws SystemCallError if the kernel cannot hold segments */
  constructor(clock: PacketClock) {
    this.#queue = new SegmentQueue(clock);
    this.#pairs = new WatchedPairs(Number.POSITIVE_INFINITY);
    this.#pairs.warmUp();
  }

  look(): { changes: StateChange[]; events: number } {
    const changes: StateChange[] = [];
    let events = 0;
    for (; events < mostAtOnce; events++) {
      this.#takeWaiting();
      const held = this.#waiting.shift();
      if (held === undefined) break;
      changes.push(...this.#letGo(held));
    }
    if (performance.now() - this.#lastRoundAt >= roundEveryMs) {
      changes.push(...this.#pairs.ask(mostInRound));
      this.#lastRoundAt = performance.now();
    }
    return { changes, events: events + changes.length };
  }

  askAll(): StateChange[] {
    return this.#pairs.ask();
  }

  close(): void {
    this.#queue.close();
  }

  pause(): number {
    if (this.#waiting.length > 0) return 0;
    return this.#pairs.count === 0 ? Number.POSITIVE_INFINITY : roundEveryMs;
  }

  takeUnheard(): Unheard[] {
    const taken = this.#unheard;
    this.#unheard = [];
    return taken;
  }

  get fd(): number {
    return this.#queue.fd;
  }

  get unwatched(): number {
    return this.#pairs.unwatched;
  }

  get passed(): number {
    return this.#queue.passed;
  }

  // Takes all of them, because the kernel keeps the headers of only a few hundred.
  #takeWaiting(): void {
    for (let held = this.#queue.take(); held !== undefined; held = this.#queue.take())
      this.#waiting.push(held);
  }

  #letGo(held: HeldSegment): StateChange[] {
    const layout = readPacketLayout(held.packet);
    const release = () => this.#queue.release(held);
    if (layout === undefined) {
      release();
      return [];
    }
    const header = headerOf(held.packet, layout);
    const segment = { at: held.at, header };
    const { changes, heard } = this.#pairs.watchAround(layout, segment, release);
    if (heard === false) this.#unheard.push(segment);
    return changes;
  }
}
