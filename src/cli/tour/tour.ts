import { loadScenario } from '../../api/find-scenarios.ts';
import { runLoaded } from '../../api/run-scenario.ts';
import { UsageError } from '../../errors.ts';
import type { ObserverChoice } from '../../observe/observers.ts';
import type { MadeStop, TourDocument } from '../../report/documents/tour.ts';
import type { Reporter } from '../../report/reporter.ts';
import type { Stop } from '../../report/tour/stop.ts';
import { stops } from '../../report/tour/stops.ts';
import type { TourEvent } from '../../report/tour/tour-event.ts';
import { whyUnmet } from '../../scenario/needs.ts';

/** Runs the requested stops of the tour, by number, and keeps their results. */
export class Tour {
  readonly #reporter: Required<Reporter<TourEvent, TourDocument>>;
  readonly #observer: ObserverChoice;
  readonly #signal: AbortSignal;
  /** In the order of the runs. */
  readonly made: MadeStop[] = [];

  constructor(
    reporter: Required<Reporter<TourEvent, TourDocument>>,
    observer: ObserverChoice,
    signal: AbortSignal,
  ) {
    this.#reporter = reporter;
    this.#observer = observer;
    this.#signal = signal;
  }

  async makeAll(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      if (this.#signal.aborted) return;
      this.ask(number);
      await this.make(number);
    }
  }

  ask(number: number): void {
    this.#reporter.onEvent({ type: 'question', stop: stopOf(number), number, of: stops.length });
  }

  async make(number: number): Promise<void> {
    const stop = stopOf(number);
    // Without a private network there is no picture, but the states of the sockets can still be seen.
    const why = await whyUnmet('packets');
    if (why !== null) this.#reporter.onEvent({ type: 'not drawn', why });
    const run = await runLoaded(await loadScenario(stop.scenario), {
      observer: this.#observer,
      packets: why === null,
      abortSignal: this.#signal,
      onEvent: (event) => this.#reporter.onEvent({ type: 'run', stop, event }),
    });
    this.made.push({ number, stop, run });
    if (run.outcome !== 'interrupted') this.#reporter.onEvent({ type: 'answer', stop, run });
  }

  end(): void {
    this.#reporter.onEvent({ type: 'over' });
  }
}

function stopOf(number: number): Stop {
  const stop = stops[number - 1];
  if (stop === undefined) throw notAStop(String(number));
  return stop;
}

/** @throws UsageError if it is not the number of a stop */
export function readNumber(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= stops.length) return number;
  throw notAStop(text);
}

function notAStop(text: string): UsageError {
  return new UsageError(
    'bad-stop',
    `"${text}" is not a stop of the tour: choose a number from 1 to ${stops.length}`,
  );
}
