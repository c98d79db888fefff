import { availableParallelism } from 'node:os';
import { TcpcloseError } from '../../errors.ts';
import type { Answer } from '../../events.ts';
import type { Host } from '../hosts/host.ts';
import { PeerProcess } from './peer-process.ts';

/**
 * `batch` (SCHED_BATCH): a peer that wakes up does not take the core from another process, so a capture can look before the peer continues.
 */
export type Scheduling = 'ordinary' | 'batch';

/**
 * The peers of one host. They are started before the step that needs them, because a Node process starts more slowly than the kernel
 * answers; at most one per core starts at a time.
 */
export class PeerPool {
  /** Called with each answer of a peer. */
  onAnswer: (answer: Answer) => void = () => {};
  readonly #host: Host;
  readonly #all: PeerProcess[] = [];
  readonly #idle: PeerProcess[] = [];
  readonly #scheduling: Scheduling;
  #ahead: number;
  #state: 'open' | 'ended' = 'open';

  /** @param ahead how many peers the run will probably need in all */
  constructor(host: Host, ahead: number, scheduling: Scheduling) {
    this.#host = host;
    this.#scheduling = scheduling;
    this.#ahead = ahead;
    for (let i = 0; i < availableParallelism(); i++) this.#startAhead();
  }

  /** A peer that is ready and idle. */
  async take(): Promise<PeerProcess> {
    const peer = this.#idle.shift() ?? this.#start();
    return peer.ready();
  }

  /** Lets a peer do something that leaves nothing open, and takes it back, however that ends. */
  async lend<Result>(act: (peer: PeerProcess) => Promise<Result>): Promise<Result> {
    const peer = await this.take();
    try {
      return await act(peer);
    } finally {
      if (!peer.hasExited) this.giveBack(peer);
    }
  }

  /** Takes back a peer that has nothing open because opening failed. */
  giveBack(peer: PeerProcess): void {
    this.#idle.unshift(peer);
  }

  /** The peers in use. */
  get working(): PeerProcess[] {
    return this.#all.filter((peer) => peer.isReady && !peer.hasExited && !this.#idle.includes(peer));
  }

  /** Ends every peer, even a busy one. */
  async end(): Promise<void> {
    this.#state = 'ended';
    await Promise.all(this.#all.map((peer) => peer.end()));
  }

  #startAhead(): void {
    if (this.#ahead <= 0 || this.#state === 'ended') return;
    const peer = this.#start();
    this.#idle.push(peer);
    // If a peer does not start, the caller that takes it gets the error.
    peer
      .ready()
      .then(() => this.#startAhead())
      .catch(() => {});
  }

  #start(): PeerProcess {
    // What continues after an abort stops here.
    if (this.#state === 'ended')
      throw new TcpcloseError('ended', 'the run has ended: no more peers can start');
    this.#ahead--;
    const peer = new PeerProcess(this.#host);
    peer.onAnswer = (answer) => this.onAnswer(answer);
    this.#all.push(peer);
    // If that is forbidden, or missing in the C library (musl), a capture sees slightly less.
    if (this.#scheduling === 'batch') peer.call('scheduleAsBatch', {}).catch(() => {});
    return peer;
  }
}
