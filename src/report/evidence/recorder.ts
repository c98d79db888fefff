import type { Answer, Check, CountedEvent, Event, SuiteEvent } from '../../events.ts';
import type { Recording } from '../../observe/packets/recording.ts';
import { type RunDocument, RunRecorder } from '../documents/run.ts';

/** A check, and the counters that were read for it. */
export interface RecordedCheck {
  readonly check: Check;
  readonly counted: readonly CountedEvent[];
  /** The number of answers before it. */
  readonly answers: number;
  /** The last reading of a table before it, word for word; null if no table was read. */
  readonly table: string | null;
}

/** Everything that was seen in one scenario. */
export interface RecordedRun {
  readonly document: RunDocument;
  readonly checks: readonly RecordedCheck[];
  /** From beginning to end, on each host. */
  readonly counters: readonly CountedEvent[];
  readonly recording: Recording | null;
  /** What the processes answered, oldest first. */
  readonly answers: readonly Answer[];
}

/** Keeps what is needed to judge the checks of each scenario again. */
export class EvidenceRecorder {
  /** The key is the name of the scenario. */
  readonly runs = new Map<string, RecordedRun>();
  readonly #running = new Map<string, OneRun>();

  on(event: SuiteEvent): void {
    if (event.type === 'again') this.#running.delete(event.scenario);
    if (event.type !== 'of scenario') return;
    const { scenario } = event;
    const run = this.#running.get(scenario) ?? new OneRun(scenario, (run) => this.runs.set(scenario, run));
    this.#running.set(scenario, run);
    run.on(event.event);
  }
}

class OneRun {
  readonly #document: RunRecorder;
  readonly #checks: RecordedCheck[] = [];
  #counted: CountedEvent[] = [];
  readonly #answers: Answer[] = [];
  readonly #counters: CountedEvent[] = [];
  #table: string | null = null;
  #recording: Recording | null = null;

  constructor(scenario: string, tell: (run: RecordedRun) => void) {
    this.#document = new RunRecorder(scenario, (document) =>
      tell({
        ...{ document, checks: this.#checks, counters: this.#counters, recording: this.#recording },
        answers: this.#answers,
      }),
    );
  }

  on(event: Event): void {
    switch (event.type) {
      case 'check':
        this.#table = event.check.raw ?? this.#table;
        this.#checks.push({
          ...{ check: event.check, counted: this.#counted, table: this.#table },
          answers: this.#answers.length,
        });
        this.#counted = [];
        break;
      case 'counted':
        (event.counter === null ? this.#counters : this.#counted).push(event);
        break;
      case 'answered':
        this.#answers.push(event.answer);
        break;
      case 'recorded':
        // The file of packets contains all of it.
        this.#recording = event.recording;
        return;
      default:
        break;
    }
    this.#document.onEvent(event);
  }
}
