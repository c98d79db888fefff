import { setImmediate as turn } from 'node:timers/promises';
import type { Endpoint } from '../address.ts';
import type { Harmless } from '../foreign.ts';
import { poll, unlessAborted } from '../time.ts';
import type { Head } from './answer.ts';
import { Connection, failureOf, firstLine } from './connection.ts';
import { type Exchange, exchange } from './exchange.ts';
import type { FoundPlace } from './place.ts';

interface Closed {
  readonly state: 'closed';
  readonly idleMs: number;
  readonly by: 'FIN' | 'RST';
}

/** The result for one idle connection. */
export type Ending =
  | Closed
  | { readonly state: 'open'; readonly watchedMs: number }
  /** The connection ended before it was left idle, after this many answers, and this long after the last of them. */
  | {
      readonly state: 'used up';
      readonly answers: number;
      readonly quietMs: number;
      readonly by: Closed['by'];
    }
  | { readonly state: 'no connection' | 'no answer'; readonly reason: Harmless };

export interface ProbeResult {
  /** How often the connection was to be used before it was left idle. */
  readonly requests: number;
  readonly ending: Ending;
  /** The head of the last answer; null if none came, or if it was not HTTP. */
  readonly head: Head | null;
  /** The first line that the server sent on its own while the connection was idle; null if it sent nothing. */
  readonly notice: Harmless | null;
  readonly rttMs: number | null;
  /** Its local end; null without a connection. */
  readonly local: Endpoint | null;
}

/** What to send, and how long its answer may take. */
export interface Question {
  readonly place: FoundPlace;
  /** Bytes in the user's protocol; null for GET. */
  readonly request: Buffer | null;
  readonly answerMs: number;
}

export interface ProbeOptions extends Question {
  /** How long each connection is watched. */
  readonly forMs: number;
  readonly signal: AbortSignal;
}

export class Probe {
  readonly requests: number;
  readonly #options: ProbeOptions;
  #connection: Connection | undefined;
  #idleSince: number | undefined;
  #notice: Harmless | null = null;
  #head: Head | null = null;
  /** `busy` until the connection is left idle. */
  state: 'busy' | 'idle' | 'over' = 'busy';

  constructor(requests: number, options: ProbeOptions) {
    this.requests = requests;
    this.#options = options;
  }

  get local(): Endpoint | null {
    return this.#connection?.local ?? null;
  }

  /** `Keep-Alive: timeout=` of the last answer. */
  get timeoutS(): number | null {
    return this.#head?.timeoutS ?? null;
  }

  /** How long it has been idle. */
  get idleMs(): number {
    return this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince;
  }

  /** @param enough ends the watch early */
  async run(enough: () => boolean): Promise<ProbeResult> {
    const ending = await this.#run(enough);
    this.state = 'over';
    const { requests } = this;
    const { local = null, rttMs = null } = this.#connection ?? {};
    return { requests, ending, head: this.#head, notice: this.#notice, rttMs, local };
  }

  close(): void {
    this.#connection?.close();
  }

  async #run(enough: () => boolean): Promise<Ending> {
    const { place, signal } = this.#options;
    let connection: Connection;
    try {
      connection = await Connection.open(place, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { state: 'no connection', reason: failureOf(error) };
    }
    this.#connection = connection;
    let idleSince = connection.at;
    for (let i = 0; i < this.requests; i++) {
      const result: Exchange = await unlessAborted(signal, exchange(connection, this.#options));
      if (result.state === 'ended' && i > 0) return usedUp(connection, i, idleSince);
      if (result.state !== 'answered') {
        // The server might send without end.
        connection.close();
        return { state: 'no answer', reason: result.reason };
      }
      this.#head = result.head;
      idleSince = result.at;
      if (i + 1 < this.requests && connection.end !== undefined) return usedUp(connection, i + 1, idleSince);
    }
    return this.#watch(connection, idleSince, enough);
  }

  async #watch(connection: Connection, since: number, enough: () => boolean): Promise<Ending> {
    const { forMs, signal } = this.#options;
    this.#idleSince = since;
    this.state = 'idle';
    connection.onData = (data) => {
      this.#notice ??= firstLine(data);
    };
    const withinMs = Math.max(0, forMs - (performance.now() - since));
    const isOver = () => connection.end !== undefined || enough();
    await poll('the server to close', isOver, { withinMs, everyMs: watchMs, signal });
    // What arrived while this process was not scheduled must be read before the connection counts as open.
    for (let turns = 0; turns < 3 && connection.end === undefined; turns++) await turn();
    const { end } = connection;
    if (end === undefined) return { state: 'open', watchedMs: performance.now() - since };
    const quietMs = this.#notice === null ? end.quietMs : null;
    return { state: 'closed', idleMs: quietMs ?? Math.max(0, end.at - since), by: end.by };
  }
}

function usedUp({ end }: Connection, answers: number, since: number): Ending {
  const quietMs = end === undefined ? 0 : (end.quietMs ?? Math.max(0, end.at - since));
  return { state: 'used up', answers, quietMs, by: end?.by ?? 'FIN' };
}

/** How often to look. The end itself gets its time when it arrives. */
const watchMs = 20;
