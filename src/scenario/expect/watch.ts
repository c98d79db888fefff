import { debug } from '../../debug.ts';
import type { ConnectionEnd } from '../../lab/ends/connection-end.ts';
import type { Subject } from '../../lab/ends/peer.ts';
import type { RunContext } from '../../lab/run-context.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { Row } from '../../observe/row.ts';
import type { State } from '../../state.ts';
import { formatSpan, sleep } from '../../time.ts';

/** One reading of the table, and the subject's rows in it. */
export interface Look {
  readonly rows: Row[];
  readonly snapshot: Snapshot;
}

/** Looks at the ends of a subject repeatedly, and knows how long it did not look. */
export class Watch {
  readonly #run: RunContext;
  readonly #subject: Subject;
  readonly #looks: Look[] = [];
  /** Before this moment (performance.now()) no end was in one of the states. */
  readonly #since: number;

  constructor(run: RunContext, subject: Subject, states: readonly State[]) {
    const [first] = subject.ends;
    if (first === undefined)
      throw new TypeError(`${subject.name} has no connection that could be expected to be in a state`);
    this.#run = run;
    this.#subject = subject;
    this.#since = Math.min(...subject.ends.map((end) => run.lastSeen.notBefore(end, states)));
  }

  /**
   * Looks until the condition holds, or until a look that began after the time was up. The looks become less frequent: 2 ms apart at first,
   * 100 ms in the end.
   * @returns the last look
   */
  async until(satisfied: (rows: readonly Row[]) => boolean, what: string, withinMs: number): Promise<Look> {
    const { emit, signal } = this.#run;
    const until = performance.now() + withinMs;
    emit({ type: 'waiting', what, endsAt: null });
    debug(() => `wait for ${what}, ${formatSpan(withinMs)} at most`);
    let look = await this.look('since the last stimulus');
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      if (satisfied(look.rows) || look.snapshot.askedAt >= until) break;
      await sleep(pauseMs, signal);
      look = await this.look('fresh');
    }
    emit({ type: 'waited' });
    return look;
  }

  async look(age: 'since the last stimulus' | 'fresh'): Promise<Look> {
    const { snapshots, lastSeen } = this.#run;
    const { ends } = this.#subject;
    const snapshot = await snapshots.look(hostOf(this.#subject), portsOf(ends), age);
    for (const end of ends) lastSeen.note(end, snapshot);
    const rows = snapshot.rows.filter((row) => ends.some((end) => end.is(row)));
    const look = { rows, snapshot };
    this.#looks.push(look);
    return look;
  }

  /** Reports the reading that a check rests on. */
  show({ snapshot }: Look): void {
    this.#run.snapshots.show(hostOf(this.#subject), snapshot);
  }

  /** The text that was read, word for word. */
  get readings(): readonly string[] {
    return this.#looks.map(({ snapshot }) => snapshot.raw);
  }

  /**
   * The longest time that a state can have lasted unseen, in milliseconds: from the beginning of a look to the completion of the next one,
   * up to the first look in which an end is missing.
   */
  get unseenMs(): number {
    let from = this.#since;
    let longest = 0;
    for (const { rows, snapshot } of this.#looks) {
      longest = Math.max(longest, snapshot.takenAt - from);
      if (rows.length < this.#subject.ends.length) break;
      from = snapshot.askedAt;
    }
    return longest;
  }

  /** The longest time that a state can have lasted according to the last look, in milliseconds, regardless of the others. */
  get wholeMs(): number {
    return (this.#looks.at(-1)?.snapshot.takenAt ?? this.#since) - this.#since;
  }
}

export function hostOf({ name, ends: [first] }: Subject): ConnectionEnd['host'] {
  if (first === undefined) throw new TypeError(`${name} has no connection`);
  return first.host;
}

function portsOf(ends: readonly ConnectionEnd[]): number[] {
  return [...new Set(ends.map(({ serverPort }) => serverPort))];
}
