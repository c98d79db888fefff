import { availableParallelism } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { messageOf, UsageError } from '../../errors.ts';
import type { Outcome } from '../../events.ts';
import { namesShortage } from '../../system-error.ts';
import type { LoadedScenario } from '../catalogue.ts';
import { asError } from '../outcome.ts';
import type { RunOptions } from '../run.ts';
import { type Scenario, scenario } from '../scenario.ts';
import { filesOf, type NamedFile, ownTopic } from '../user-file.ts';
import { type Loading, OwnFile, outcomeOf } from './own-file.ts';

/**
 * The user's own files of a suite. Each is loaded and run in processes of its own, so that nothing in it can end or hold up another. The
 * process that has loaded a file also runs it the first time, unless too many would wait for that.
 */
export class OwnFiles {
  readonly #loading: Loading;
  readonly #waiting = new Set<OwnFile>();
  #mayWait: number;

  /** `loading`: its signal also ends the processes that wait. */
  constructor(loading: Loading) {
    this.#loading = loading;
    this.#mayWait = loading.mayWait;
  }

  /**
   * The scenarios of files and folders. A file that cannot be loaded is one that reports the reason when it is run.
   * @throws UsageError `no-file`, and `no-scenario` for a folder without any; the reason of the signal if it aborts
   */
  async load(named: readonly string[]): Promise<LoadedScenario[]> {
    const places = named.map((argument) => ({ argument, files: filesOf(argument) }));
    const pending = places.flatMap(({ files }) => files);
    const loaded = new Map<string, LoadedScenario>();
    const worker = async () => {
      for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
        const scenario = await this.#loadOne(file);
        if (scenario !== null) loaded.set(file.argument, scenario);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return places.flatMap(({ argument, files }) => {
      const scenarios = files.flatMap((file) => loaded.get(file.argument) ?? []);
      if (scenarios.length > 0) return scenarios;
      throw new UsageError(
        'no-scenario',
        `the folder "${argument}" has no scenario: name one with files that export scenarios`,
      );
    });
  }

  /** Ends the processes that still wait. */
  async end(): Promise<void> {
    await Promise.all([...this.#waiting].map((file) => file.end()));
  }

  /** null if it exports nothing, and need not. */
  async #loadOne(file: NamedFile): Promise<LoadedScenario | null> {
    const place = placeOf(file);
    try {
      const first = await OwnFile.load(file, this.#loading);
      const { scenario } = first;
      if (scenario !== null && this.#mayWait-- > 0) this.#waiting.add(first);
      else await first.end();
      if (scenario === null) return null;
      const apart = async (options: RunOptions) => {
        if (this.#waiting.delete(first)) return first.run(options);
        return loadAndRun(file, options, this.#loading.timeoutMs);
      };
      return { ...place, scenario: { ...scenario, ...elsewhere }, apart };
    } catch (error) {
      this.#loading.signal.throwIfAborted();
      const apart = async (options: RunOptions) => {
        // What was missing may be there when others have ended.
        if (namesShortage(messageOf(error))) return loadAndRun(file, options, this.#loading.timeoutMs);
        return cannotRun(error, options);
      };
      return { ...place, scenario: unknown, apart };
    }
  }
}

async function loadAndRun(file: NamedFile, options: RunOptions, timeoutMs: number): Promise<Outcome> {
  try {
    const own = await OwnFile.load(file, { signal: options.signal, timeoutMs });
    return await own.run(options);
  } catch (error) {
    return cannotRun(error, options);
  }
}

async function cannotRun(error: unknown, { emit, signal }: RunOptions): Promise<Outcome> {
  const outcome = outcomeOf(asError(error), false, signal);
  emit({ type: 'run finished', outcome, durationMs: 0 });
  return outcome;
}

function placeOf({ argument }: NamedFile): Pick<LoadedScenario, 'name' | 'topic' | 'file'> {
  const file = resolve(argument);
  return { name: basename(file, extname(file)), topic: ownTopic, file };
}

const elsewhere: Pick<Scenario, 'parameters' | 'run'> = {
  parameters: {},
  run() {
    throw new TypeError('this scenario runs in a process of its own');
  },
};

/** What is known of a scenario whose file cannot be loaded. */
const unknown = scenario({
  ...{ title: '', claim: '', source: [], decides: [], control: 'end', peers: 0, takes: 0 },
  ...elsewhere,
});
