import { monotonicMs } from '../../native/clock.ts';
import { socketsOf } from '../../observe/proc/holders.ts';
import type { Process } from '../../observe/processes.ts';
import type { Holder, Row } from '../../observe/row.ts';
import { poll, sleep } from '../../time.ts';
import { after } from '../../waiting.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import type { Treatment } from '../first-clients.ts';
import type { Generation } from '../lineage.ts';
import { listenersOn } from '../listening.ts';
import { becomesReady } from '../ready.ts';
import type { Attempt } from '../second-start.ts';
import { resultOf, type Service, serviceAt } from '../service.ts';
import type { SecondResult } from '../trial.ts';
import type { FoundUnit } from './found.ts';
import { processesOf } from './members.ts';
import { stateOf, type UnitState } from './systemd.ts';
import { UnitRun } from './unit-run.ts';

const pollMs = 2;
const stateEveryMs = 150;
const tries = 3;
const leastPatienceMs = 5000;

export interface UnitAttempt
  extends Pick<Attempt, 'run' | 'result' | 'at' | 'acceptedBy' | 'listened' | 'watchedMs'> {
  readonly state: UnitState;
}

export interface UnitFirst extends Treatment, Pick<FoundUnit, 'unit' | 'state' | 'target'> {
  /** The processes of the unit before the restart. */
  readonly generation: Generation;
}

/** What systemd and the kernel show about a unit that is starting. */
class StartedUnit {
  readonly #context: RoundContext;
  readonly #first: UnitFirst;
  state: UnitState;
  #mainPid = 0;
  #looking = false;
  #lookedAt = 0;

  constructor(context: RoundContext, first: UnitFirst) {
    this.#context = context;
    this.#first = first;
    this.state = first.state;
  }

  /** The processes that were started since the restart. */
  processes(): Process[] {
    return processesOf(this.#first.state.controlGroup).filter(({ pid }) => !this.#first.generation.has(pid));
  }

  /** The listeners of the new processes on the old server's port. */
  listeners(): Row[] {
    const { target } = this.#first;
    return listenersOn(this.#context, target.port, socketsOf(this.processes())).filter(
      ({ processes }) => processes.length > 0,
    );
  }

  /** Asks systemd from time to time, without waiting for the answer. */
  look(): void {
    if (this.#looking || monotonicMs() - this.#lookedAt < stateEveryMs) return;
    this.#looking = true;
    const done = () => {
      this.#looking = false;
      this.#lookedAt = monotonicMs();
    };
    this.lookNow().then(done, done);
  }

  async lookNow(): Promise<UnitState> {
    this.state = await stateOf(this.#first.unit, this.#context.signal);
    if (this.#isNew && this.#mainPid === 0) this.#mainPid = this.state.mainPid;
    return this.state;
  }

  get #isNew(): boolean {
    return this.state.invocation !== this.#first.state.invocation;
  }

  /** Whether the first of the new starts has ended, even if systemd starts it again. */
  hasEnded(): boolean {
    const { job, active, sub, restarts, mainPid } = this.state;
    if (!this.#isNew) return false;
    if (sub === 'auto-restart' || restarts > 0) return true;
    if (job === 'none' && ['failed', 'inactive'].includes(active)) return true;
    return this.#mainPid > 0 && mainPid > 0 && mainPid !== this.#mainPid;
  }
}

/** Watches the unit after the restart was ordered, until it has served a client, has ended, or took too long. */
export async function untilServes(
  context: RoundContext,
  options: RoundOptions,
  first: UnitFirst,
  orderedAt: number,
): Promise<UnitAttempt> {
  const started = new StartedUnit(context, first);
  const run = new UnitRun(first.unit, 0, orderedAt);
  let last: Service = { state: 'no connection' };
  let listened: UnitAttempt['listened'] = 'no';
  let watchedMs: number | null = null;
  const attempt = async (
    result: SecondResult,
    acceptedBy: readonly Holder[] = [],
    at = monotonicMs(),
  ): Promise<UnitAttempt> => {
    const state = await started.lookNow();
    return { run, result, at, acceptedBy, listened, watchedMs, state };
  };
  const until = monotonicMs() + options.timeoutMs;
  for (let count = 0; monotonicMs() < until; await sleep(pollMs, context.signal)) {
    started.look();
    if (started.hasEnded()) return attempt('failed');
    if (started.listeners().length === 0) continue;
    listened = 'yes';
    last = await serviceAt(context, first.target, {
      request: options.request,
      acceptPatienceMs: Math.max(leastPatienceMs, 3 * first.acceptedAfterMs),
      proxied: 'no',
      greeting: first.greeting,
      firstEnd: first.clientEnd,
      isOwn: (pid) => started.processes().some((process) => process.pid === pid),
      listening: () => started.listeners().flatMap(({ processes }) => processes),
      hasEnded: () => started.hasEnded(),
      inTheEnd: async (servedAt) => {
        const { mainPid } = await started.lookNow();
        const again = new UnitRun(first.unit, mainPid);
        const ready = await becomesReady(again, first.target, options, context.signal);
        context.progress('watching whether it stays up', after(options.settleMs));
        const hasEnded = () => {
          started.look();
          return started.hasEnded();
        };
        const withinMs = options.settleMs - (monotonicMs() - servedAt);
        const patience = { withinMs, everyMs: pollMs, signal: context.signal };
        await poll('an early end of the second start', hasEnded, patience);
        await started.lookNow();
        watchedMs = monotonicMs() - servedAt;
        if (started.hasEnded()) return 'failed';
        return ready ? 'accepts' : 'not ready';
      },
    });
    if (last.state === 'served')
      return last.result === 'failed' ? attempt('failed') : attempt(last.result, last.by, last.at);
    if (last.state === 'not accepted') break;
    if (last.state !== 'no connection' && ++count >= tries) break;
  }
  return attempt(started.hasEnded() ? 'failed' : resultOf(last));
}
