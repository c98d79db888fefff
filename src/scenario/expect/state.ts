import type { Host } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Party, Subject } from '../../lab/party.ts';
import type { Side } from '../../lab/side.ts';
import { describeRows, noSocket, times } from '../../observe/describe.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { Row, TimerKind } from '../../observe/row.ts';
import type { State } from '../../state.ts';
import { formatSpan, sleep } from '../../time.ts';
import type { About, Record } from './record.ts';

/** What else must be true of the sockets that are in the state. */
export interface StateDetails {
  /** `none`: no process holds the socket; or the party whose process does. */
  readonly process?: 'none' | Party;
  readonly timer?: TimerKind | 'none';
  /** Bytes that are not acknowledged. */
  readonly sendQueue?: number;
  /** How often the timer has fired in vain, at the least. */
  readonly retransmits?: number;
  /** How long to wait for it, in milliseconds; the patience of the run if not given. */
  readonly withinMs?: number;
}

/** Expectations of what the kernel's table says of the sides of a party. */
export class StateExpectation {
  readonly #lab: Lab;
  readonly #record: Record;
  readonly #subject: Subject;
  readonly #about: About;
  readonly #patienceMs: number;

  /** @internal */
  constructor(lab: Lab, record: Record, subject: Subject, about: About, patienceMs: number) {
    this.#lab = lab;
    this.#record = record;
    this.#subject = subject;
    this.#about = about;
    this.#patienceMs = patienceMs;
  }

  /** All sides are, or within the patience come to be, in one of these states. Gives their rows as they were then. */
  async state(states: State | readonly State[], details: StateDetails = {}): Promise<Row[]> {
    const wanted = typeof states === 'string' ? [states] : states;
    const { sides, name } = this.#subject;
    const expected = describeExpectation(wanted, details, sides.length);
    const satisfied = (rows: readonly Row[]) => {
      const fits = rows.every((row) => wanted.includes(row.state) && hasDetails(row, details));
      return fits && rows.length === sides.length;
    };
    const waiting = `${name}: ${expected}`;
    const { rows, snapshot } = await this.#wait(satisfied, waiting, details.withinMs ?? this.#patienceMs);
    const agrees = satisfied(rows);
    this.#record({ title: name, expected, observed: describeRows(rows), agrees, snapshot }, this.#about);
    return rows;
  }

  /** All sides are in that state now, and at every reading for so many milliseconds. */
  async stays(state: State, forMs: number, details: StateDetails = {}): Promise<Row[]> {
    const { name, sides } = this.#subject;
    const expected = `${describeExpectation([state], details, sides.length)} for ${formatSpan(forMs)}`;
    const startedAt = performance.now();
    const holds = (rows: readonly Row[]) =>
      rows.length === sides.length && rows.every((row) => row.state === state && hasDetails(row, details));
    const over = (rows: readonly Row[]) => !holds(rows) || performance.now() - startedAt >= forMs;
    const { rows, snapshot } = await this.#wait(over, `${name} to stay ${state}`, forMs * 10);
    const lasted = formatSpan(performance.now() - startedAt);
    const observed = `${describeRows(rows)} after ${lasted}`;
    this.#record({ title: name, expected, observed, agrees: holds(rows), snapshot }, this.#about);
    return rows;
  }

  /** All sides have so many bytes that nobody has read, or come to have them. */
  async receives(bytes: number): Promise<void> {
    const { name, sides } = this.#subject;
    const arrived = (rows: readonly Row[]) =>
      rows.length === sides.length && rows.every(({ receiveQueue }) => receiveQueue >= bytes);
    const { rows, snapshot } = await this.#wait(arrived, `${bytes} bytes at ${name}`, this.#patienceMs);
    const observed = rows.map(({ receiveQueue }) => `${receiveQueue} bytes unread`).join('; ') || noSocket;
    const expected = `${bytes} bytes unread`;
    this.#record({ title: name, expected, observed, agrees: arrived(rows), snapshot }, this.#about);
  }

  /** None of the sides is in the table any more, in whatever state. */
  async gone(withinMs = this.#patienceMs): Promise<void> {
    const satisfied = (rows: readonly Row[]) => rows.length === 0;
    const { name } = this.#subject;
    const { rows, snapshot } = await this.#wait(satisfied, `the end of ${name}'s side`, withinMs);
    const observed = describeRows(rows);
    this.#record(
      { title: name, expected: noSocket, observed, agrees: satisfied(rows), snapshot },
      this.#about,
    );
  }

  // Reads until it is so or the time is up, ever less often: 2 ms apart at first, 100 ms in the end.
  async #wait(
    satisfied: (rows: readonly Row[]) => boolean,
    what: string,
    withinMs: number,
  ): Promise<{ rows: Row[]; snapshot: Snapshot }> {
    const lab = this.#lab;
    const host = hostOf(this.#subject);
    const until = performance.now() + withinMs;
    let age: 'since the last stimulus' | 'fresh' = 'since the last stimulus';
    lab.emit({ type: 'waiting', what, endsAt: null });
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      const snapshot = await lab.looking.look(host, portsOf(this.#subject.sides), age);
      const rows = snapshot.rows.filter((row) => this.#subject.sides.some((side) => side.is(row)));
      if (satisfied(rows) || performance.now() > until) {
        lab.emit({ type: 'waited' });
        lab.looking.show(host, snapshot);
        return { rows, snapshot };
      }
      age = 'fresh';
      await sleep(pauseMs, lab.signal);
    }
  }
}

function hostOf({ name, sides }: Subject): Host {
  const [first] = sides;
  if (first === undefined)
    throw new TypeError(`${name} has no connection that could be expected to be in a state`);
  return first.host;
}

function portsOf(sides: readonly Side[]): number[] {
  return [...new Set(sides.map(({ serverPort }) => serverPort))];
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
