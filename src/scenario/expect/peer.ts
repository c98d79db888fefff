import type { Peer } from '../../lab/ends/peer.ts';
import type { RunContext } from '../../lab/run-context.ts';
import { callQuestion } from './answered.ts';
import type { About, Report } from './report.ts';
import { StateExpectation } from './state.ts';

type Errno = `E${string}`;

/** Expectations of a peer, including the result of one more call on its only connection. */
export class PeerExpectation extends StateExpectation {
  readonly #peer: Peer;
  readonly #report: Report;

  /** @internal */
  constructor(run: RunContext, report: Report, peer: Peer, about: About, patienceMs: number) {
    super(run, report, peer, about, patienceMs);
    this.#peer = peer;
    this.#report = report;
  }

  /** Expects that the next recv(2) returns the orderly end, which is 0 bytes, or fails with that errno. */
  async reads(expected: 'end' | Errno): Promise<void> {
    const { bytes, errno } = await this.#peer.receive();
    const observed = errno ?? (bytes === 0 ? 'end' : `${bytes} bytes`);
    this.#judge('receive', `read at the ${this.#peer.name}`, expected, observed);
  }

  /** Expects that the next send(2), of one byte, succeeds or fails with that errno. */
  async sends(expected: 'a byte' | Errno): Promise<void> {
    const { bytes, errno } = await this.#peer.send('x');
    const observed = errno ?? (bytes === 1 ? 'a byte' : `${bytes} bytes`);
    this.#judge('send', `send at the ${this.#peer.name}`, expected, observed);
  }

  #judge(method: 'receive' | 'send', title: string, expected: string, observed: string): void {
    const question = callQuestion(method, this.#peer.pid, observed, expected);
    this.#report({ title, expected, observed, agrees: observed === expected, found: [observed], question });
  }
}
