import type { Measured } from '../../measured.ts';
import type { SocketOption } from '../../native/options.ts';
import type { TcpInfo } from '../../native/tcp-info.ts';
import type { Retransmissions } from '../../peer/results.ts';
import { NothingObserved } from '../recording/too-slow.ts';
import type { Peer } from './peer.ts';

/** What the kernel says about a peer's only connection and its process, beyond the table of sockets. */
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
   * When the timer of the connection ends, more precisely than ss shows it: in milliseconds on the clock of the peer's process, so
   * that two of them can be compared.
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

  #lookUp() {
    const { process, connection } = this.#peer;
    return process.call('lookUp', { local: connection.local, remote: connection.remote });
  }

  /** Watches the connection until it is gone, and notes its retransmissions. */
  retransmissions(withinMs: number): Promise<Retransmissions> {
    const { process, connection } = this.#peer;
    const { socket, local, remote } = connection;
    const watched = process.call('watchRetransmissions', { socket, local, remote, timeoutMs: withinMs });
    // The run may end before anybody awaits it.
    watched.catch(() => {});
    return watched;
  }

  /** How many descriptors the process has open. */
  async openDescriptors(): Promise<number> {
    const { descriptors } = await this.#peer.process.call('openDescriptors', {});
    return descriptors;
  }
}
