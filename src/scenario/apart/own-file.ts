import type { Outcome } from '../../events.ts';
import { whyUnmet } from '../needs.ts';
import { asError } from '../outcome.ts';
import type { RunOptions } from '../run.ts';
import type { NamedFile } from '../user-file.ts';
import { eventOf } from './carried-event.ts';
import type { Described, RunMessage } from './messages.ts';
import { OwnProcess } from './own-process.ts';

export interface Loading {
  readonly signal: AbortSignal;
  /** The time limit of each file. */
  readonly timeoutMs: number;
  /** How many may wait for their run. */
  readonly mayWait: number;
}

/** A user's own file, loaded in a process of its own, which runs its scenario once. */
export class OwnFile {
  /** null: it exports nothing, and need not. */
  readonly scenario: Described | null;
  readonly #process: OwnProcess;
  readonly #clock: number;

  private constructor(process: OwnProcess, scenario: Described | null, clock: number) {
    this.#process = process;
    this.scenario = scenario;
    this.#clock = clock;
  }

  /**
   * The signal ends the process, until its scenario is run.
   * @throws why it cannot be loaded; the reason of the signal
   */
  static async load(file: NamedFile, { signal, timeoutMs }: Omit<Loading, 'mayWait'>): Promise<OwnFile> {
    signal.throwIfAborted();
    const own = new OwnProcess(file.argument);
    try {
      const load = { type: 'load', ...file, argv: process.argv } as const;
      const { scenario, clock } = await own.ask(load, { signal, limitMs: timeoutMs }, (said) =>
        said.type === 'loaded' ? said : undefined,
      );
      return new OwnFile(own, scenario, clock);
    } catch (error) {
      await own.end();
      signal.throwIfAborted();
      throw error;
    }
  }

  /** Runs its scenario, and passes the events on. Whatever happens to the process is an outcome. */
  async run(options: RunOptions): Promise<Outcome> {
    const { emit, signal, launch, timeoutMs = Number.POSITIVE_INFINITY } = options;
    const startedAt = performance.now();
    let contradicted = false;
    try {
      const run = await this.#message(options);
      const outcome = await this.#process.ask(run, { signal, limitMs: timeoutMs }, (said) => {
        if (said.type === 'slow') launch?.slow(said.text);
        if (said.type !== 'event') return undefined;
        const event = eventOf(said.event, this.#clock);
        if (event.type === 'check') contradicted ||= event.check.verdict === 'contradicted';
        emit(event);
        return event.type === 'run finished' ? event.outcome : undefined;
      });
      await this.#process.gone();
      return outcome;
    } catch (error) {
      await this.end();
      const outcome = outcomeOf(asError(error), contradicted, signal);
      emit({ type: 'run finished', outcome, durationMs: performance.now() - startedAt });
      return outcome;
    }
  }

  /** Ends the process, and waits until it is gone. */
  async end(): Promise<void> {
    await this.#process.end();
  }

  async #message(options: RunOptions): Promise<RunMessage> {
    const { address, port, observer, network, launch, timeoutMs, patienceMs, afterContradiction } = options;
    const needs = typeof network === 'object' ? [] : (this.scenario?.needs ?? []);
    return {
      type: 'run',
      options: {
        ...{ address, port, observer, network, timeoutMs, launchWithinMs: launch?.withinMs },
        ...(patienceMs === undefined ? {} : { patienceMs }),
        ...(afterContradiction === undefined ? {} : { afterContradiction }),
      },
      needs: await Promise.all(needs.map(async (need) => [need, await whyUnmet(need)] as const)),
    };
  }
}

/** As of a run in this process: an interruption by the user counts most, then a contradiction. */
export function outcomeOf(error: Error, contradicted: boolean, signal: AbortSignal): Outcome {
  if (signal.aborted) return { state: 'interrupted', reason: asError(signal.reason).message };
  return contradicted ? { state: 'failed', reason: error.message } : { state: 'errored', error };
}
