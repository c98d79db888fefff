import { UsageError } from '../../errors.ts';
import type { Peer, Subject } from '../../lab/ends/peer.ts';
import type { Lab } from '../../lab/lab.ts';
import { TooSlow } from '../../lab/recording/too-slow.ts';
import { nearestTo } from '../../nearest.ts';
import { describeRows, noSocket, times } from '../../observe/describe.ts';
import type { Row, TimerKind } from '../../observe/row.ts';
import { isState, type State, states } from '../../state.ts';
import { formatSpan } from '../../time.ts';
import { lifetimeOf } from './lifetime.ts';
import type { About, ReportCheck } from './record.ts';
import { hostOf, type Look, Watch } from './watch.ts';

/** What else must be true of the sockets that are in the state. */
export interface StateDetails {
  /** `none`: no process holds the socket; or the peer whose process does. */
  readonly process?: 'none' | Peer;
  readonly timer?: TimerKind | 'none';
  /** Bytes that are not acknowledged. */
  readonly sendQueue?: number;
  /** How often the timer has fired in vain, at the least. */
  readonly retransmits?: number;
  /** How long to wait for it, in milliseconds; the patience of the run if not given. */
  readonly withinMs?: number;
  /** How long the state lasts before it ends by itself, in milliseconds, where that is not the kernel's timer for the state. */
  readonly lastsMs?: number;
}

/** An expectation, in all that is needed to judge it. */
interface Question {
  readonly expected: string;
  /** How the wait for it is shown. */
  readonly what: string;
  readonly states: readonly State[];
  readonly details: StateDetails;
  satisfied(rows: readonly Row[]): boolean;
}

/** Expectations of what the kernel's table says of the sides of a peer. */
export class StateExpectation {
  readonly #lab: Lab;
  readonly #record: ReportCheck;
  readonly #subject: Subject;
  readonly #about: About;
  readonly #patienceMs: number;

  /** @internal */
  constructor(lab: Lab, record: ReportCheck, subject: Subject, about: About, patienceMs: number) {
    this.#lab = lab;
    this.#record = record;
    this.#subject = subject;
    this.#about = about;
    this.#patienceMs = patienceMs;
  }

  /**
   * All sides are, or within the patience come to be, in one of these states. Gives their rows as they were then.
   * @throws TooSlow where the state may have ended by itself before it could be seen
   */
  async state(states: State | readonly State[], details: StateDetails = {}): Promise<Row[]> {
    const wanted = typeof states === 'string' ? [states] : states;
    wanted.forEach(refuseUnknown);
    const { ends, name } = this.#subject;
    const expected = describeExpectation(wanted, details, ends.length);
    const satisfied = (rows: readonly Row[]) => {
      const fits = rows.every((row) => wanted.includes(row.state) && hasDetails(row, details));
      return fits && rows.length === ends.length;
    };
    return this.#await({ expected, what: `${name}: ${expected}`, states: wanted, details, satisfied });
  }

  /** All sides are in that state now, and at every reading for so many milliseconds. */
  async stays(state: State, forMs: number, details: StateDetails = {}): Promise<Row[]> {
    refuseUnknown(state);
    const { name, ends } = this.#subject;
    const expected = `${describeExpectation([state], details, ends.length)} for ${formatSpan(forMs)}`;
    const holds = (rows: readonly Row[]) =>
      rows.length === ends.length && rows.every((row) => row.state === state && hasDetails(row, details));
    const watch = new Watch(this.#lab, this.#subject, [state]);
    const startedAt = performance.now();
    const look = await watch.until((rows) => !holds(rows), `${name} to stay ${state}`, forMs);
    const lasted = formatSpan(look.snapshot.askedAt - startedAt);
    if (!holds(look.rows)) await this.#refuseIfEnded(look, watch.wholeMs, expected, [state], details);
    const observed = `${describeRows(look.rows)} after ${lasted}`;
    return this.#tell(watch, look, expected, observed, holds(look.rows));
  }

  /** All sides have so many bytes that nobody has read, or come to have them. */
  async receives(bytes: number): Promise<void> {
    const { name, ends } = this.#subject;
    const satisfied = (rows: readonly Row[]) =>
      rows.length === ends.length && rows.every(({ receiveQueue }) => receiveQueue >= bytes);
    const [expected, what] = [`${bytes} bytes unread`, `${bytes} bytes at ${name}`];
    const observed = (rows: readonly Row[]) =>
      rows.map(({ receiveQueue }) => `${receiveQueue} bytes unread`).join('; ') || noSocket;
    await this.#await({ expected, what, states: ['ESTABLISHED'], details: {}, satisfied }, observed);
  }

  /** None of the sides is in the table any more, in whatever state. */
  async gone(withinMs?: number): Promise<void> {
    const satisfied = (rows: readonly Row[]) => rows.length === 0;
    const details = withinMs === undefined ? {} : { withinMs };
    const what = `the end of ${this.#subject.name}'s side`;
    await this.#await({ expected: noSocket, what, states: [], details, satisfied });
  }

  async #await(
    question: Question,
    describe: (rows: readonly Row[]) => string = describeRows,
  ): Promise<Row[]> {
    const { what, satisfied, expected, details, states } = question;
    const watch = new Watch(this.#lab, this.#subject, states);
    let look = await watch.until(satisfied, what, details.withinMs ?? this.#patienceMs);
    if (!satisfied(look.rows)) look = await this.#lookAgain(watch, look, question);
    if (!satisfied(look.rows)) await this.#refuseIfEnded(look, watch.unseenMs, expected, states, details);
    return this.#tell(watch, look, expected, describe(look.rows), satisfied(look.rows));
  }

  // What has not come may still be under way in a process that gets no turn: none is blamed on the kernel before all have caught up.
  async #lookAgain(watch: Watch, last: Look, { expected, details, satisfied }: Question): Promise<Look> {
    let look = last;
    for (let round = 0; round < catchingUp && !satisfied(look.rows); round++) {
      await this.#lab.untilCaughtUp(this.#what(expected));
      look = await watch.look('fresh');
    }
    if (satisfied(look.rows) && details.withinMs !== undefined)
      throw new TooSlow(
        this.#what(expected),
        `it was not there after ${formatSpan(details.withinMs)}, but later`,
      );
    return look;
  }

  // A side that is missing may have been in the state while nobody looked.
  async #refuseIfEnded(
    { rows }: Look,
    unseenMs: number,
    expected: string,
    states: readonly State[],
    details: StateDetails,
  ): Promise<void> {
    const { ends } = this.#subject;
    if (states.length === 0 || rows.length === ends.length) return;
    const lastsMs = details.lastsMs ?? (await lifetimeOf(states, details, ends, hostOf(this.#subject)));
    if (unseenMs < lastsMs) return;
    const times = `it ends by itself after ${formatSpan(lastsMs)}, and for ${formatSpan(unseenMs)} nothing was read`;
    throw new TooSlow(this.#what(expected), times);
  }

  #what(expected: string): string {
    return `${this.#about.title ?? this.#subject.name}, ${expected}`;
  }

  #tell(watch: Watch, look: Look, expected: string, observed: string, agrees: boolean): Row[] {
    watch.show(look);
    const { snapshot, rows } = look;
    this.#record({ title: this.#subject.name, expected, observed, agrees, snapshot }, this.#about);
    return rows;
  }
}

/** What one process does may lead another one to act. */
const catchingUp = 3;

// Types do not keep a scenario in JavaScript from a state that no socket ever has: it would be waited for in vain.
function refuseUnknown(state: string): void {
  if (isState(state)) return;
  const nearest = nearestTo(state, states);
  const remedy = nearest === undefined ? `choose one of ${states.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError('unknown-state', `"${state}" is not a state of a TCP socket: ${remedy}`);
}

function hasDetails(row: Row, { process, timer, retransmits = 0, sendQueue }: StateDetails): boolean {
  if (sendQueue !== undefined && row.sendQueue !== sendQueue) return false;
  if ((row.timer?.retransmits ?? 0) < retransmits) return false;
  if (process === 'none' && (row.processes.length > 0 || (row.inode ?? 0) !== 0)) return false;
  if (typeof process === 'object' && !row.processes.some(({ pid }) => pid === process.pid)) return false;
  return timer === undefined || (row.timer?.kind ?? 'none') === timer;
}

function describeExpectation(states: readonly State[], details: StateDetails, count: number): string {
  const { process, timer, retransmits, sendQueue } = details;
  const holder = typeof process === 'object' ? `pid ${process.pid}` : process === 'none' ? 'no process' : '';
  const clock = timer === undefined ? '' : timer === 'none' ? 'no timer' : `timer ${timer}`;
  const queue = sendQueue === undefined ? '' : `${sendQueue} bytes unacknowledged`;
  const again = retransmits === undefined ? '' : `sent again ${retransmits} times`;
  return times(
    count,
    [states.join(' or '), holder, clock, again, queue].filter((part) => part !== '').join(', '),
  );
}
