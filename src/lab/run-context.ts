import { UsageError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { type Named, type Performer, type Stimulus, type Withheld, Withholding } from './ends/stimulus.ts';
import { Ports } from './hosts/ports.ts';
import { distinct, type RunHost, type Topology } from './hosts/run-host.ts';
import type { PeerProcess } from './process/peer-process.ts';
import type { Capture } from './recording/capture.ts';
import { LastSeen } from './recording/last-seen.ts';
import { Snapshots } from './recording/snapshots.ts';
import { TooSlow } from './recording/too-slow.ts';
import type { Teardown } from './teardown.ts';

interface RunContextOptions {
  readonly topology: Topology;
  readonly teardown: Teardown;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The port of the first server; a free one if undefined. */
  readonly port: number | undefined;
  /** The withheld stimulus, on which the checks must depend. */
  readonly withheld: Withheld | undefined;
  /** Records the run, if requested. */
  readonly capture: Capture | undefined;
}

const answerWithinMs = 10_000;

/** Shared by the lab, the peers and the expectations of a run. */
export class RunContext implements Performer {
  readonly topology: Topology;
  readonly teardown: Teardown;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly ports: Ports;
  readonly snapshots: Snapshots;
  readonly lastSeen = new LastSeen();
  readonly #capture: Capture | undefined;
  readonly #withholding: Withholding;
  #port: number | undefined;

  constructor({ topology, teardown, emit, signal, port, withheld, capture }: RunContextOptions) {
    this.topology = topology;
    this.teardown = teardown;
    this.emit = emit;
    this.signal = signal;
    this.ports = new Ports(teardown, async (ports) => capture?.follow(ports));
    this.snapshots = new Snapshots(distinct(topology), emit, signal);
    this.#capture = capture;
    this.#withholding = new Withholding(withheld);
    this.#port = port;
  }

  async perform<Result>(
    who: string,
    stimulus: Stimulus,
    detail: string,
    act: () => Promise<Result>,
    instead: Result,
  ): Promise<Result> {
    const withheld = this.#withholding.isNext(stimulus);
    const made = withheld ? 'left out' : 'really';
    this.emit({ type: 'action', who, verb: stimulus, detail, made, at: performance.now() });
    if (!withheld) this.lastSeen.stimulus();
    const result = withheld ? instead : await act();
    await this.#capture?.settled();
    this.snapshots.outdate();
    return result;
  }

  /** Reports what tcpclose itself read, word for word. With it and the answers of the peers, others can judge the checks again. */
  tellRead(path: string, askedMs: number, result: unknown): void {
    const read = { pid: process.pid, method: 'read file', params: { path }, result, failure: null };
    this.emit({ type: 'answered', answer: { ...read, askedMs, answeredMs: performance.now() } });
  }

  /** What a check names, in the form in which another run can withhold it. */
  withheldBy(named: Named): Withheld {
    return this.#withholding.resolve(named);
  }

  /** @throws UsageError `nothing-withheld` if the stimulus to leave out did not occur */
  checkWithheld(): void {
    const { missing } = this.#withholding;
    if (missing === null) return;
    throw new UsageError(
      'nothing-withheld',
      `--without: ${missing}: name an action that the run without it shows`,
    );
  }

  async untilCaughtUp(what: string): Promise<void> {
    const peers = distinct(this.topology).flatMap(({ peers }) => peers.working);
    const answers = await Promise.all(peers.map((peer) => peer.catchesUp(answerWithinMs, this.signal)));
    const silent = peers.filter((_, i) => answers[i] === 'does not').map(({ pid }) => pid);
    if (silent.length === 0) return;
    const seconds = answerWithinMs / 1000;
    throw new TooSlow(what, `process ${silent.join(', ')} of this run did not answer within ${seconds} s`);
  }

  /** The first server gets the port that the user chose. */
  takeChosenPort(): number | undefined {
    const port = this.#port;
    this.#port = undefined;
    return port;
  }

  runHostOf({ process }: { readonly process: PeerProcess }): RunHost {
    const { server, client } = this.topology;
    return server.host === process.host ? server : client;
  }

  /** @throws TypeError if the run is not captured */
  get capture(): Capture {
    if (this.#capture === undefined)
      throw new TypeError("a scenario that captures packets must declare it: add 'packets' to needs");
    return this.#capture;
  }
}
