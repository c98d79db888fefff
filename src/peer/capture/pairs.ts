import { type Endpoint, formatEndpoint, sameEndpoint } from '../../address.ts';
import { monotonicMs } from '../../native/clock.ts';
import { type PairState, SockDiag } from '../../native/sock-diag.ts';
import { CountQuestion, PairQuestion } from '../../native/sock-diag-request.ts';
import { numberOfState, type State, stateOfNumber } from '../../state.ts';
import type { StateChange } from '../notifications.ts';

const warmUpRounds = 2000;
const timeWait = numberOfState('TIME_WAIT');

/** How long after its last event a pair is queried in every round; after that the quiet pairs take turns, one per round. */
const activeMs = 50;
/** The same if both sides are gone or in TIME_WAIT, which only another segment can change soon. */
const settledMs = 2;

/** The connections whose states are queried. Each has two sides, either of which may be gone already. */
export class WatchedPairs {
  readonly #diag = new SockDiag();
  readonly #pairs = new Map<string, WatchedPair>();
  readonly #active = new Set<WatchedPair>();
  readonly #quiet = new Set<WatchedPair>();
  readonly #most: number;
  #unwatched = 0;

  /** @param most how many connections are watched at once */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#pairs.size;
  }

  /** How many segments belonged to pairs beyond `most`. */
  get unwatched(): number {
    return this.#unwatched;
  }

  /** Queries an impossible pair until the code is warm, because the first connection must not wait for a slow query. */
  warmUp(): void {
    const impossible = new WatchedSide({ address: '0.0.0.0', port: 0 }, { address: '0.0.0.0', port: 0 });
    for (let i = 0; i < warmUpRounds; i++) impossible.ask(this.#diag);
  }

  /** Finds or adds the pair of a segment; undefined if there are too many. */
  watch(from: Endpoint, to: Endpoint): WatchedPair | undefined {
    const [there, back] = [pairKey(from, to), pairKey(to, from)];
    let pair = this.#pairs.get(there) ?? this.#pairs.get(back);
    if (pair === undefined) {
      if (this.#active.size >= this.#most) {
        this.#unwatched++;
        return undefined;
      }
      pair = new WatchedPair(there, from, to);
      this.#pairs.set(there, pair);
    }
    this.#markActive(pair);
    return pair;
  }

  /**
   * Queries both sides of a segment before the kernel processes it, and again afterwards; the receiver first, because the segment may have
   * changed its state. `heard`: whether the receiver's socket has counted it; null if no socket counts.
   */
  watchAround(
    { from, to }: { readonly from: Endpoint; readonly to: Endpoint },
    segment: NonNullable<StateChange['processed']>,
    process: () => void,
  ): { readonly changes: StateChange[]; readonly heard: boolean | null } {
    const pair = this.watch(from, to);
    const receiver = pair?.sidesFrom(to)[0];
    const before = pair === undefined ? [] : this.#askPair(pair, to);
    const counted = receiver?.segments(this.#diag);
    process();
    const heard = counted === undefined ? null : hasRisen(counted, receiver?.segments(this.#diag));
    const after = pair === undefined ? [] : this.#askPair(pair, to);
    const ofReceiver = ({ local }: StateChange) => sameEndpoint(local, to);
    const changes = [
      ...before,
      ...after.map((seen) => (ofReceiver(seen) ? { ...seen, processed: segment } : seen)),
    ];
    return { changes, heard };
  }

  /** Queries both sides of the pairs with recent events, up to a limit, in turns, and of one quiet pair. Returns what has changed. */
  ask(most = Number.POSITIVE_INFINITY): StateChange[] {
    const changes: StateChange[] = [];
    const now = performance.now();
    for (const pair of [...this.#active].slice(0, most)) {
      changes.push(...this.#askPair(pair));
      this.#active.delete(pair);
      this.#active.add(pair);
      if (now - pair.lastEventAt > (pair.isSettled ? settledMs : activeMs)) this.#markQuiet(pair);
    }
    const [turn] = this.#quiet;
    if (turn === undefined) return changes;
    this.#markQuiet(turn);
    changes.push(...this.#askPair(turn));
    return changes;
  }

  #askPair(pair: WatchedPair, first?: Endpoint): StateChange[] {
    const changes = pair.sidesFrom(first).flatMap((side) => side.ask(this.#diag));
    if (changes.length > 0) this.#markActive(pair);
    return changes;
  }

  #markActive(pair: WatchedPair): void {
    pair.lastEventAt = performance.now();
    this.#quiet.delete(pair);
    this.#active.add(pair);
  }

  // The last of the quiet pairs; none once both sides are gone.
  #markQuiet(pair: WatchedPair): void {
    this.#active.delete(pair);
    this.#quiet.delete(pair);
    if (pair.isOver) this.#pairs.delete(pair.key);
    else this.#quiet.add(pair);
  }
}

function pairKey(from: Endpoint, to: Endpoint): string {
  return `${formatEndpoint(from)} ${formatEndpoint(to)}`;
}

/** null if the socket is not the same any more, or does not count. */
function hasRisen(before: Counted, after: Counted | undefined): boolean | null {
  if (after === undefined || after.cookie !== before.cookie) return null;
  if (before.segments === null || after.segments === null) return null;
  return after.segments !== before.segments;
}

type Counted = NonNullable<ReturnType<SockDiag['askCount']>>;

class WatchedPair {
  readonly key: string;
  readonly sides: readonly [WatchedSide, WatchedSide];
  lastEventAt = 0;

  constructor(key: string, from: Endpoint, to: Endpoint) {
    this.key = key;
    this.sides = [new WatchedSide(from, to), new WatchedSide(to, from)];
  }

  sidesFrom(first?: Endpoint): readonly WatchedSide[] {
    const [one, other] = this.sides;
    return first !== undefined && sameEndpoint(first, other.local) ? [other, one] : this.sides;
  }

  get isSettled(): boolean {
    return this.sides.every(({ isSettled }) => isSettled);
  }

  get isOver(): boolean {
    return this.sides.every(({ isThere }) => !isThere);
  }
}

class WatchedSide {
  readonly local: Endpoint;
  readonly #remote: Endpoint;
  readonly #question: PairQuestion;
  readonly #countQuestion: CountQuestion;
  #last: PairState | undefined;
  #askedAt: number | null = null;

  constructor(local: Endpoint, remote: Endpoint) {
    this.local = local;
    this.#remote = remote;
    this.#question = new PairQuestion(local, remote);
    this.#countQuestion = new CountQuestion(local, remote);
  }

  get isSettled(): boolean {
    return this.#last === undefined || this.#last.state === timeWait;
  }

  get isThere(): boolean {
    return this.#last !== undefined;
  }

  /** The number of segments that the socket has received; undefined without a socket. */
  segments(diag: SockDiag): Counted | undefined {
    return this.isThere ? diag.askCount(this.#countQuestion) : undefined;
  }

  /** One change, or two if another socket has replaced the last one. */
  ask(diag: SockDiag): StateChange[] {
    const askedAt = monotonicMs();
    const found = this.isThere ? diag.askAgain(this.#question) : diag.ask(this.#question);
    const [last, notBefore] = [this.#last, this.#askedAt];
    this.#last = found;
    this.#askedAt = askedAt;
    if (last?.state === found?.state && last?.cookie === found?.cookie) return [];
    const when = { notBefore, at: monotonicMs() };
    if (last !== undefined && found !== undefined && last.cookie !== found.cookie)
      return [this.#change(when, last, undefined), this.#change(when, undefined, found)];
    return [this.#change(when, last, found)];
  }

  #change(
    when: { notBefore: number | null; at: number },
    last: PairState | undefined,
    found: PairState | undefined,
  ): StateChange {
    return {
      ...when,
      processed: null,
      local: this.local,
      remote: this.#remote,
      socket: String(found?.cookie ?? last?.cookie ?? ''),
      from: stateOf(last),
      to: stateOf(found),
    };
  }
}

function stateOf(found: PairState | undefined): State | null {
  return found === undefined ? null : (stateOfNumber(found.state) ?? null);
}
