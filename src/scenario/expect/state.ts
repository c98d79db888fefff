import type { Subject } from '../../lab/ends/peer.ts';
import { TooSlow } from '../../lab/recording/too-slow.ts';
import type { RunContext } from '../../lab/run-context.ts';
import { many } from '../../many.ts';
import { describeRows, noSocket } from '../../observe/describe.ts';
import type { Row } from '../../observe/row.ts';
import type { State } from '../../state.ts';
import { formatSpan } from '../../time.ts';
import { lifetimeOf } from './lifetime.ts';
import type { About, Report } from './report.ts';
import {
  type Asked,
  describeExpectation,
  hasDetails,
  refuseUnknown,
  type StateDetails,
  tableQuestion,
} from './state-details.ts';
import { hostOf, type Look, Watch } from './watch.ts';

/** An expectation, with everything that is needed to judge it. */
interface Question extends Asked {
  readonly expected: string;
  /** How the wait for it is shown. */
  readonly what: string;
  satisfied(rows: readonly Row[]): boolean;
}

/** What was seen, in words, and what of it is compared with the opposite. */
interface Observed {
  readonly text: string;
  readonly found: readonly (string | number)[];
}

/** Expectations of what the kernel's table shows about the ends of a peer. */
export class StateExpectation {
  readonly #run: RunContext;
  readonly #report: Report;
  readonly #subject: Subject;
  readonly #about: About;
  readonly #patienceMs: number;

  /** @internal */
  constructor(run: RunContext, report: Report, subject: Subject, about: About, patienceMs: number) {
    this.#run = run;
    this.#report = report;
    this.#subject = subject;
    this.#about = about;
    this.#patienceMs = patienceMs;
  }

  /**
   * Expects all ends to be in one of these states, or to enter one in time. Returns their rows at that moment.
   * @throws TooSlow if the state may have ended by itself before it could be seen
   */
  async state(states: State | readonly State[], details: StateDetails = {}): Promise<Row[]> {
    const question = this.#questionOf(typeof states === 'string' ? [states] : states, details);
    return this.#await({ ...question, what: `${this.#subject.name}: ${question.expected}` });
  }

  /** Expects all ends to be in that state now, and at every reading for that many milliseconds. */
  async stays(state: State, forMs: number, details: StateDetails = {}): Promise<Row[]> {
    const { expected, ...rest } = this.#questionOf([state], details);
    const question = { ...rest, expected: `${expected} for ${formatSpan(forMs)}` };
    const watch = new Watch(this.#run, this.#subject, [state]);
    const startedAt = performance.now();
    const what = `${this.#subject.name} to stay ${state}`;
    const look = await watch.until((rows) => !question.satisfied(rows), what, forMs);
    const lasted = formatSpan(look.snapshot.askedAt - startedAt);
    const observed = { text: `${describeRows(look.rows)} after ${lasted}`, found: this.#statesIn(look.rows) };
    return this.#judge(question, watch, look, watch.wholeMs, observed, watch.readings);
  }

  /** Expects all ends to have that many unread bytes, or to receive them in time. */
  async receives(bytes: number): Promise<void> {
    const { name, ends } = this.#subject;
    const satisfied = (rows: readonly Row[]) =>
      rows.length === ends.length && rows.every(({ receiveQueue }) => receiveQueue >= bytes);
    const [expected, what] = [`${bytesText(bytes)} unread`, `${bytesText(bytes)} at ${name}`];
    const observed = (rows: readonly Row[]) => ({
      text: rows.map(({ receiveQueue }) => `${bytesText(receiveQueue)} unread`).join('; ') || noSocket,
      found: rows.map(({ receiveQueue }) => receiveQueue),
    });
    const question = { expected, what, states: ['ESTABLISHED'], details: {}, receiveQueue: bytes } as const;
    await this.#await({ ...question, satisfied }, observed);
  }

  /** Expects no end to remain in the table, in any state. */
  async gone(withinMs?: number): Promise<void> {
    const satisfied = (rows: readonly Row[]) => rows.length === 0;
    const details = withinMs === undefined ? {} : { withinMs };
    const what = `the end of ${this.#subject.name}'s connection`;
    await this.#await({ expected: noSocket, what, states: [], details, satisfied });
  }

  #questionOf(states: readonly State[], details: StateDetails): Omit<Question, 'what'> {
    states.forEach(refuseUnknown);
    const { length } = this.#subject.ends;
    const fits = (row: Row) => states.includes(row.state) && hasDetails(row, details);
    const satisfied = (rows: readonly Row[]) => rows.length === length && rows.every(fits);
    return { expected: describeExpectation(states, details, length), states, details, satisfied };
  }

  async #await(question: Question, describe = this.#describe): Promise<Row[]> {
    const { what, satisfied, details, states } = question;
    const watch = new Watch(this.#run, this.#subject, states);
    let look = await watch.until(satisfied, what, details.withinMs ?? this.#patienceMs);
    if (!satisfied(look.rows)) look = await this.#lookAgain(watch, look, question);
    return this.#judge(question, watch, look, watch.unseenMs, describe(look.rows));
  }

  // A missing segment may be delayed in a process that gets no CPU: all processes must catch up before the kernel is blamed.
  async #lookAgain(watch: Watch, last: Look, { expected, details, satisfied }: Question): Promise<Look> {
    let look = last;
    for (let round = 0; round < catchingUp && !satisfied(look.rows); round++) {
      await this.#run.untilCaughtUp(this.#titleOf(expected));
      look = await watch.look('fresh');
    }
    if (!satisfied(look.rows) || details.withinMs === undefined) return look;
    const late = `it was not there after ${formatSpan(details.withinMs)}, but later`;
    throw new TooSlow(this.#titleOf(expected), late);
  }

  async #judge(
    question: Omit<Question, 'what'>,
    watch: Watch,
    look: Look,
    unseenMs: number,
    { text: observed, found }: Observed,
    readings?: readonly string[],
  ): Promise<Row[]> {
    const { rows, snapshot } = look;
    const agrees = question.satisfied(rows);
    if (!agrees) await this.#refuseIfEnded(question, rows, unseenMs);
    watch.show(look);
    this.#report({
      ...{ title: this.#subject.name, expected: question.expected, observed, agrees, snapshot, found },
      question: tableQuestion(this.#subject, question, readings ?? [snapshot.raw]),
    });
    return rows;
  }

  readonly #describe = (rows: readonly Row[]): Observed => ({
    text: describeRows(rows),
    found: this.#statesIn(rows),
  });

  #statesIn(rows: readonly Row[]): string[] {
    const missing = rows.length < this.#subject.ends.length ? ['gone'] : [];
    return [...rows.map(({ state }) => state), ...missing];
  }

  // A missing end may have been in the state between two readings.
  async #refuseIfEnded(
    { states, details, expected }: Omit<Question, 'what'>,
    rows: readonly Row[],
    unseenMs: number,
  ): Promise<void> {
    const { ends } = this.#subject;
    if (states.length === 0 || rows.length === ends.length) return;
    const lastsMs = details.lastsMs ?? (await lifetimeOf(states, details, ends, hostOf(this.#subject)));
    if (unseenMs < lastsMs) return;
    const times = `it ends by itself after ${formatSpan(lastsMs)}, and for ${formatSpan(unseenMs)} nothing was read`;
    throw new TooSlow(this.#titleOf(expected), times);
  }

  #titleOf(expected: string): string {
    return `${this.#about.title ?? this.#subject.name}, ${expected}`;
  }
}

/** How often processes catch up: what one of them does may lead another one to act. */
const catchingUp = 3;

function bytesText(count: number): string {
  return many(count, 'byte');
}
