import { monotonicMs } from '../../native/clock.ts';
import type { Plan } from '../plan.ts';
import type { Class, ConnectionEnd, FinishedRequest } from '../request.ts';
import type { Kind } from '../spec.ts';
import { type Client, type Form, type Keeping, openClient } from './client.ts';

const tickMs = 10;
const pooledPauseMs = 100;
const idlePauseMs = 1000;
/** Idle connections are reused one after the other, spread over this time from the signal. */
const idleSpreadMs = 500;
const slowPauseMs = 20;
/** The pause after a request that was not answered. */
const retryMs = 100;
/** Turns of the event loop: in the first the end of a connection is read, in the second its socket is closed. */
const roundsToRead = 2;
/** More than this are not started, because memory or descriptors would run out. */
const mostInFlight = 4000;
const mostRequests = 400_000;

/** A delay of its own clock that is reported, in milliseconds: shorter ones are usual. */
const stallMs = 50;

/** A time in which the generator got no CPU, so it neither sent nor read anything; in milliseconds of CLOCK_MONOTONIC. */
export interface Stall {
  readonly from: number;
  readonly until: number;
}

/** What a generator was asked to do, and what it has done. */
export interface Done {
  /** The number of new connections that the rate called for. */
  readonly newAsked: number;
  readonly newMade: number;
  /** The longest delay of its own clock, in milliseconds: if it is long, the machine was too busy. */
  readonly latestMs: number;
  readonly stalls: readonly Stall[];
}

/** Makes the load until it is stopped. */
export class Driver {
  readonly #plan: Plan;
  readonly #onFinished: (request: FinishedRequest) => void;
  readonly #onEnd: (end: ConnectionEnd) => void;
  readonly #stopped = new AbortController();
  readonly #clients = new Set<Client>();
  readonly #inFlight = new Set<Promise<FinishedRequest>>();
  readonly #ticker: NodeJS.Timeout;
  readonly #resting: (() => void)[] = [];
  /** The number of slow requests in flight. */
  #slow = 0;
  #signal: 'not sent' | 'sent' = 'not sent';
  #sending: 'on' | 'paused' = 'on';
  /** No request is started after that. The generator's own clock is exact, while a message may be late. */
  #until = Number.POSITIVE_INFINITY;
  #id = 0;
  #lastTick: number;
  #due = 0;
  #newAsked = 0;
  #newMade = 0;
  #latestMs = 0;
  readonly #stalls: Stall[] = [];

  constructor(
    plan: Plan,
    onFinished: (request: FinishedRequest) => void,
    onEnd: (end: ConnectionEnd) => void,
  ) {
    this.#plan = plan;
    this.#onFinished = onFinished;
    this.#onEnd = onEnd;
    this.#lastTick = monotonicMs();
    this.#ticker = setInterval(() => this.#tick(), tickMs);
    const { pooled, idle, slow } = plan.spec;
    const slowSpreadMs = Math.max(slowPauseMs, plan.slowMs);
    for (let i = 0; i < pooled; i++)
      void this.#repeat('pooled', 'plain', pooledPauseMs, (i * pooledPauseMs) / pooled);
    for (let i = 0; i < slow; i++) void this.#repeat('slow', 'slow', slowPauseMs, (i * slowSpreadMs) / slow);
    for (let i = 0; i < idle; i++) void this.#rest((i * idleSpreadMs) / idle);
  }

  /** The signal has been sent: idle connections are reused. */
  rouse(until: number | null): void {
    this.#until = until ?? Number.POSITIVE_INFINITY;
    this.#signal = 'sent';
    for (const rouse of this.#resting.splice(0)) rouse();
  }

  /** Starts no more requests, and lets those in flight end; or resumes. */
  send(state: 'on' | 'paused'): void {
    this.#sending = state;
    this.#until = Number.POSITIVE_INFINITY;
  }

  /** Resolves when no request is in flight any more: each has a time limit. */
  async stop(): Promise<Done> {
    clearInterval(this.#ticker);
    this.#stopped.abort();
    this.rouse(null);
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
    // The last requests are reported in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (const client of this.#clients) client.end();
    return {
      newAsked: this.#newAsked,
      newMade: this.#newMade,
      latestMs: this.#latestMs,
      stalls: this.#stalls,
    };
  }

  #tick(): void {
    const now = monotonicMs();
    const passed = now - this.#lastTick;
    if (passed - tickMs > stallMs) this.#stalls.push({ from: this.#lastTick, until: now });
    this.#lastTick = now;
    this.#latestMs = Math.max(this.#latestMs, passed - tickMs);
    if (this.#isPaused()) return;
    this.#due += (passed * this.#plan.spec.new) / 1000;
    for (; this.#due >= 1; this.#due--) {
      this.#newAsked++;
      if (this.#inFlight.size >= mostInFlight || this.#id >= mostRequests) continue;
      this.#newMade++;
      const client = this.#open('closes');
      void this.#once(client, 'new', 'plain').then(() => this.#clients.delete(client));
    }
  }

  async #repeat(kind: Kind, form: Form, pauseMs: number, afterMs: number): Promise<void> {
    const client = this.#open('keeps');
    await this.#pause(afterMs);
    while (!this.#stopped.signal.aborted) {
      const ending = this.#maySend() ? await this.#once(client, kind, form) : 'none';
      await this.#pause(ending === 'answered' ? this.#pauseAfter(kind, pauseMs) : Math.max(pauseMs, retryMs));
    }
  }

  /** Until the signal one slow request is always in flight, even if a busy machine has brought the slow clients into step. */
  #pauseAfter(kind: Kind, usualMs: number): number {
    return kind === 'slow' && this.#slow === 0 && this.#signal === 'not sent' ? 0 : usualMs;
  }

  async #rest(afterMs: number): Promise<void> {
    const client = this.#open('keeps');
    await this.#once(client, 'idle', 'plain');
    await new Promise<void>((resolve) => this.#resting.push(resolve));
    await this.#pause(afterMs);
    while (!this.#stopped.signal.aborted) {
      if (this.#maySend()) await this.#once(client, 'idle', 'plain');
      await this.#pause(idlePauseMs);
    }
  }

  #open(keeping: Keeping): Client {
    const client = openClient(this.#plan, keeping, keeping === 'keeps' ? this.#onEnd : undefined);
    this.#clients.add(client);
    return client;
  }

  #maySend(): boolean {
    return !this.#isPaused() && this.#id < mostRequests;
  }

  #isPaused(): boolean {
    return this.#sending === 'paused' || monotonicMs() >= this.#until;
  }

  async #once(client: Client, kind: Kind, form: Form): Promise<Class> {
    const request = client.request(++this.#id, kind, form);
    this.#inFlight.add(request);
    if (kind === 'slow') this.#slow++;
    const finished = await request;
    this.#inFlight.delete(request);
    if (kind === 'slow') this.#slow--;
    this.#onFinished(finished);
    return finished.class;
  }

  /**
   * Pauses, but ends early when the generator is stopped. Timers run before new data is read: a late client would use a connection whose
   * end is unread, so that is read first.
   */
  async #pause(ms: number): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const { signal } = this.#stopped;
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
    for (let round = 0; round < roundsToRead; round++) await new Promise((resolve) => setImmediate(resolve));
  }
}
