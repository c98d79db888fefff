import type { Measured } from '../../measured.ts';
import type { SocketOption } from '../../native/options.ts';
import type { TcpInfo } from '../../native/tcp-info.ts';
import type { Retransmissions } from '../../peer/results.ts';
import { sleep } from '../../time.ts';
import { NothingObserved } from '../recording/too-slow.ts';
import type { Peer } from './peer.ts';

const betweenReadingsMs = 10;

/** The time left on a timer, at a moment between the two. */
export interface TimerReading {
  readonly askedAt: number;
  readonly doneAt: number;
  readonly leftMs: number;
}

/** What the kernel reports about a peer's only connection and its process, beyond the table of sockets. */
export class Measurements {
  readonly #peer: Peer;

  /** @internal */
  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** An option of the connection: SO_LINGER in seconds or -1, time-outs in milliseconds, flags as 0 or 1. */
  async option(name: SocketOption): Promise<number> {
    const { process, connection } = this.#peer;
    const { values } = await process.call('options', { socket: connection.socket, names: [name] });
    return values[0] ?? Number.NaN;
  }

  /** How many segments arrived at the connection while it was deaf to them. */
  async drops(): Promise<number> {
    const { process, connection } = this.#peer;
    const { drops } = await process.call('drops', { socket: connection.socket });
    return drops;
  }

  /** The retransmission timeout (RTO) and the round-trip time of the connection, in milliseconds, and more of TCP_INFO. */
  async info(): Promise<TcpInfo> {
    const { process, connection } = this.#peer;
    return process.call('info', { socket: connection.socket });
  }

  /**
   * When the connection's timer ends, more precisely than ss shows it, in milliseconds on the clock of the peer's process. Two such times
   * can be compared.
   * @throws NothingObserved if no timer runs
   */
  async timerEnds(): Promise<Measured> {
    const { leftMs, askedMs, takenMs } = await this.#lookUp();
    if (leftMs === null) throw new NothingObserved(`the timer of ${this.#peer.name}`);
    return { leastMs: askedMs + leftMs, mostMs: takenMs + leftMs };
  }

  /** The time left on the connection's timer in milliseconds, more precisely than ss shows it; NaN without a timer. */
  async timerLeft(): Promise<number> {
    const { leftMs } = await this.#lookUp();
    return leftMs ?? Number.NaN;
  }

  /**
   * Reads the connection's timer repeatedly for this long: the time left, and the moments (performance.now()) between which it was read.
   * @throws NothingObserved if no timer runs
   */
  async timerReadings(forMs: number): Promise<TimerReading[]> {
    const readings: TimerReading[] = [];
    for (const until = performance.now() + forMs; performance.now() < until; await sleep(betweenReadingsMs)) {
      const askedAt = performance.now();
      const { leftMs } = await this.#lookUp();
      if (leftMs === null) throw new NothingObserved(`the timer of ${this.#peer.name}`);
      readings.push({ askedAt, doneAt: performance.now(), leftMs });
    }
    return readings;
  }

  #lookUp() {
    const { process, connection } = this.#peer;
    return process.call('lookUp', { local: connection.local, remote: connection.remote });
  }

  /**
   * Watches the connection from now on until it is gone, even after this process has closed it. The result is the milliseconds until then.
   * @throws NothingObserved if it is still there in the end
   */
  async untilGone(withinMs: number): Promise<Measured> {
    const { process, connection } = this.#peer;
    const { local, remote } = connection;
    const gone = await process.call('untilGone', { local, remote, timeoutMs: withinMs });
    if (gone === null) throw new NothingObserved(`the end of ${this.#peer.name}'s connection`);
    return gone;
  }

  /** Watches the connection until it is gone, and records its retransmissions, including tail-loss probes. */
  retransmissions(withinMs: number): Promise<Retransmissions> {
    const { process, connection } = this.#peer;
    const { socket, local, remote } = connection;
    const watched = process.call('watchRetransmissions', { socket, local, remote, timeoutMs: withinMs });
    // The run may end before the result is awaited.
    watched.catch(() => {});
    return watched;
  }

  /** The number of descriptors that the process has open. */
  async openDescriptors(): Promise<number> {
    const { descriptors } = await this.#peer.process.call('openDescriptors', {});
    return descriptors;
  }
}
