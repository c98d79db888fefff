import type { Endpoint } from '../address.ts';
import { messageOf, TcpcloseError } from '../errors.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import { poll } from '../time.ts';
import { after, type Waiting } from '../waiting.ts';
import { bindNow } from './bind-now.ts';
import { type RoundContext, type RoundOptions, withContext } from './context.ts';
import { CommandFailed } from './early-end.ts';
import { restartOnce } from './round.ts';
import { RoundsLeft } from './rounds-left.ts';
import type { Wanted } from './server-options.ts';
import type { Watch } from './supervisor.ts';
import type { RoundResult, Trial, TrialResult } from './trial.ts';
import { restartUnitOnce } from './unit/round.ts';
import type { Unit } from './unit/systemd.ts';

interface RestartOptions extends RoundOptions {
  readonly trials: readonly Trial[];
  readonly rounds: number;
  readonly watch: Watch;
  /** The address of a listener that tcpclose opens, keeps across all starts, and passes to each; undefined if the server opens its own. */
  readonly listenFds: Endpoint | undefined;
  /** The service of systemd to restart instead of a command. */
  readonly unit: Unit | undefined;
  readonly signal: AbortSignal;
  readonly progress: Waiting;
}

const freeingPatienceMs = 75_000;

/**
 * Runs the trials one after the other, and leaves nothing of the command. If watching its calls would change its behaviour, all trials are
 * repeated without watching. Trials that an interruption prevents are not decided.
 * @throws TcpcloseError if not even the first start listens
 */
export async function restartTrials(options: RestartOptions): Promise<TrialResult[]> {
  try {
    return await watched(options, options.watch);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof TcpcloseError && error.code === 'watching-disturbs')) throw error;
    return await watched(options, { watch: 'not', reason: error.message });
  }
}

function watched(options: RestartOptions, watch: Watch): Promise<TrialResult[]> {
  const { signal, trials, rounds } = options;
  const left = new RoundsLeft(trials.length * rounds, options.progress);
  return withContext(watch, { signal, progress: left.say }, async (begun) => {
    const kept = options.listenFds && (await begun.supervisor.keep(options.listenFds));
    const context = { ...begun, kept };
    const results: TrialResult[] = [];
    for (const trial of trials) {
      const before = results.length * rounds;
      const result = signal.aborted
        ? undecided(trial, [], `${interrupted(options)} before it began`, 0)
        : await runTrial(context, options, trial, results.at(-1), (count) => left.done(before + count));
      results.push(result);
      left.done(results.length * rounds);
    }
    return results;
  });
}

async function runTrial(
  context: RoundContext,
  options: RestartOptions,
  trial: Trial,
  previous: TrialResult | undefined,
  done: (rounds: number) => void,
): Promise<TrialResult> {
  const startedAt = performance.now();
  const took = () => performance.now() - startedAt;
  const rounds: RoundResult[] = [];
  try {
    for (let i = 0; i < options.rounds; i++) {
      const last = rounds.at(-1) ?? previous?.rounds.at(-1);
      const again = { ...options, wanted: sameAs(last, options.wanted) };
      if (options.unit !== undefined) rounds.push(await restartUnitOnce(context, again, trial, options.unit));
      else {
        if (last !== undefined) await untilFree(context, last);
        rounds.push(await restartOnce(context, again, trial));
      }
      done(rounds.length);
      context.signal.throwIfAborted();
    }
  } catch (error) {
    if (options.signal.aborted) {
      const done = options.rounds > 1 ? ` after ${rounds.length} of ${options.rounds} rounds` : '';
      const left = [...context.left].map((text) => `; ${text}`).join('');
      return undecided(trial, rounds, `${interrupted(options)}${done}${left}`, took());
    }
    // The reason may be reported after the end: the command may have been killed because watching it would change its behaviour.
    if (!context.signal.aborted) await context.supervisor.settled();
    context.signal.throwIfAborted();
    if (previous === undefined && rounds.length === 0) throw error;
    const output = error instanceof CommandFailed ? ` (${error.output.trim().split('\n').at(-1)})` : '';
    return undecided(trial, rounds, messageOf(error) + output, took());
  }
  return { ...trial, ...judge(rounds), rounds, durationMs: took() };
}

function undecided(
  trial: Trial,
  rounds: readonly RoundResult[],
  reason: string,
  durationMs: number,
): TrialResult {
  return { ...trial, verdict: 'not decided', cause: null, reason, rounds, durationMs };
}

function interrupted({ signal }: RestartOptions): string {
  return `interrupted (${messageOf(signal.reason)})`;
}

/** Where the last round found the server, which saves the wait. If the server moves, the search is repeated. */
function sameAs(last: RoundResult | undefined, wanted: Wanted): Wanted {
  if (wanted.kind !== 'any' || last === undefined || (last.second?.listensOn.length ?? 0) > 0) return wanted;
  const { target } = last;
  return 'path' in target ? { kind: 'path', path: target.path } : { kind: 'port', port: target.port };
}

function judge(rounds: readonly RoundResult[]): Pick<TrialResult, 'verdict' | 'cause' | 'reason'> {
  const failed = rounds.filter(({ verdict }) => verdict === 'fails');
  const [first] = failed;
  if (first === undefined) return judgeLoad(rounds);
  if (failed.length === rounds.length) return { verdict: 'fails', cause: first.cause, reason: null };
  return {
    verdict: 'fails',
    reason: null,
    cause: {
      code: 'racy',
      explanation: `${failed.length} of ${rounds.length} rounds failed; the first of them: ${first.cause?.code ?? 'no name'}: ${first.cause?.explanation}`,
      remedy: first.cause?.remedy ?? '',
    },
  };
}

/** Judges rounds that all survived: a round that loses requests counts, and so does one that shows nothing. */
function judgeLoad(rounds: readonly RoundResult[]): Pick<TrialResult, 'verdict' | 'cause' | 'reason'> {
  const losing = rounds.find(({ verdict }) => verdict === 'loses');
  if (losing !== undefined) return { verdict: 'loses', cause: losing.cause, reason: null };
  const undecided = rounds.find(({ verdict }) => verdict === 'not decided');
  if (undecided === undefined) return { verdict: 'survives', cause: null, reason: null };
  return { verdict: 'not decided', cause: null, reason: undecided.load?.reason ?? null };
}

/** Waits until the address is free: leftovers of one round would make the next first start fail. */
async function untilFree(
  { diag, signal, progress, kept }: RoundContext,
  { target }: RoundResult,
): Promise<void> {
  if ('path' in target || kept !== undefined) return;
  const { port } = target;
  const isFree = () => {
    if (bindNow(target, 'off') !== 'EADDRINUSE') return true;
    const left = socketsOnPort(diag, port).map(({ timer }) => timer?.leftMs ?? 0);
    const leftMs = Math.max(0, ...left);
    progress(`waiting for port ${port}, which the last round still holds`, after(leftMs));
    return false;
  };
  await poll(`port ${port} to become free`, isFree, { withinMs: freeingPatienceMs, everyMs: 100, signal });
}
