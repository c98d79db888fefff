import { type Endpoint, formatEndpoint, sameEndpoint } from '../../address.ts';
import { monotonicMs } from '../../native/clock.ts';
import { type PairState, SockDiag } from '../../native/sock-diag.ts';
import { PairQuestion } from '../../native/sock-diag-request.ts';
import { numberOfState, type State, stateOfNumber } from '../../state.ts';
import type { SightingsMessage } from '../protocol.ts';

export type Sighting = SightingsMessage['sightings'][number];

const practiceRounds = 2000;
const timeWait = numberOfState('TIME_WAIT');

/** As long after its last event a pair is asked for in every round; then the quiet ones take turns, one a round. */
const livelyMs = 50;
/** The same where both sides are gone or in TIME_WAIT, which only another segment can change soon. */
const settledMs = 2;

/** The connections whose states are asked for. Each has two sides, of which either may be gone already. */
export class WatchedPairs {
  readonly #diag = new SockDiag();
  readonly #pairs = new Map<string, WatchedPair>();
  readonly #lively = new Set<WatchedPair>();
  readonly #quiet = new Set<WatchedPair>();
  readonly #most: number;
  #unwatched = 0;

  /** `most`: how many are watched at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#pairs.size;
  }

  /** How many segments belonged to pairs that were too many. */
  get unwatched(): number {
    return this.#unwatched;
  }

  /** Asks for a pair that cannot be, until asking is as fast as it gets: the first connection lasts no longer than others. */
  practise(): void {
    const nobody = new WatchedSide({ address: '0.0.0.0', port: 0 }, { address: '0.0.0.0', port: 0 });
    for (let i = 0; i < practiceRounds; i++) nobody.ask(this.#diag);
  }

  /** A segment passes between these two. undefined if they are too many. */
  watch(from: Endpoint, to: Endpoint): WatchedPair | undefined {
    const [there, back] = [pairKey(from, to), pairKey(to, from)];
    let pair = this.#pairs.get(there) ?? this.#pairs.get(back);
    if (pair === undefined) {
      if (this.#lively.size >= this.#most) {
        this.#unwatched++;
        return undefined;
      }
      pair = new WatchedPair(there, from, to);
      this.#pairs.set(there, pair);
    }
    this.#enliven(pair);
    return pair;
  }

  /**
   * Asks for both sides of a segment before it is processed, and again when it has been; first for the one that it goes to, which
   * has changed by it if it has changed.
   */
  watchAround(
    { from, to }: { readonly from: Endpoint; readonly to: Endpoint },
    segment: NonNullable<Sighting['processed']>,
    process: () => void,
  ): Sighting[] {
    const pair = this.watch(from, to);
    const before = pair === undefined ? [] : this.#askPair(pair, to);
    process();
    const after = pair === undefined ? [] : this.#askPair(pair, to);
    const ofReceiver = ({ local }: Sighting) => sameEndpoint(local, to);
    return [...before, ...after.map((seen) => (ofReceiver(seen) ? { ...seen, processed: segment } : seen))];
  }

  /** Asks once for both sides of the pairs with recent events, at most of so many, which take turns, and of one of the others: what has changed. */
  ask(most = Number.POSITIVE_INFINITY): Sighting[] {
    const sightings: Sighting[] = [];
    const now = performance.now();
    for (const pair of [...this.#lively].slice(0, most)) {
      sightings.push(...this.#askPair(pair));
      this.#lively.delete(pair);
      this.#lively.add(pair);
      if (now - pair.lastEventAt > (pair.isSettled ? settledMs : livelyMs)) this.#calm(pair);
    }
    const [turn] = this.#quiet;
    if (turn === undefined) return sightings;
    this.#calm(turn);
    sightings.push(...this.#askPair(turn));
    return sightings;
  }

  #askPair(pair: WatchedPair, first?: Endpoint): Sighting[] {
    const sightings = pair.sidesFrom(first).flatMap((side) => side.ask(this.#diag));
    if (sightings.length > 0) this.#enliven(pair);
    return sightings;
  }

  #enliven(pair: WatchedPair): void {
    pair.lastEventAt = performance.now();
    this.#quiet.delete(pair);
    this.#lively.add(pair);
  }

  // The last of the quiet ones, or none any more where both sides are gone.
  #calm(pair: WatchedPair): void {
    this.#lively.delete(pair);
    this.#quiet.delete(pair);
    if (pair.isOver) this.#pairs.delete(pair.key);
    else this.#quiet.add(pair);
  }
}

function pairKey(from: Endpoint, to: Endpoint): string {
  return `${formatEndpoint(from)} ${formatEndpoint(to)}`;
}

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
  #last: PairState | undefined;
  #askedAt: number | null = null;

  constructor(local: Endpoint, remote: Endpoint) {
    this.local = local;
    this.#remote = remote;
    this.#question = new PairQuestion(local, remote);
  }

  get isSettled(): boolean {
    return this.#last === undefined || this.#last.state === timeWait;
  }

  get isThere(): boolean {
    return this.#last !== undefined;
  }

  /** One change, or two where another socket has taken the place of the last one. */
  ask(diag: SockDiag): Sighting[] {
    const askedAt = monotonicMs();
    const found = diag.ask(this.#question);
    const [last, notBefore] = [this.#last, this.#askedAt];
    this.#last = found;
    this.#askedAt = askedAt;
    if (last?.state === found?.state && last?.cookie === found?.cookie) return [];
    const when = { notBefore, at: monotonicMs() };
    if (last !== undefined && found !== undefined && last.cookie !== found.cookie)
      return [this.#sighting(when, last, undefined), this.#sighting(when, undefined, found)];
    return [this.#sighting(when, last, found)];
  }

  #sighting(
    when: { notBefore: number | null; at: number },
    last: PairState | undefined,
    found: PairState | undefined,
  ): Sighting {
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
