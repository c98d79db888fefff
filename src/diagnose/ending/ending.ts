import { type Harmless, harmless } from '../../foreign.ts';
import { type Delivery, HeldProcess } from '../../native/signal.ts';
import type { Place } from '../../observe/place.ts';
import { startTicksOf } from '../../observe/proc/status.ts';
import { commandLineOf } from '../../observe/processes.ts';
import { poll, sleep } from '../../time.ts';
import { canBind, probe } from '../bind-probe.ts';
import type { Afterwards } from './comeback.ts';
import type { EndingPlan, Manager, Refusal, Victim } from './plan.ts';

/** What was done to free a port. */
export interface Ended {
  readonly processes: readonly EndedProcess[];
  readonly commands: readonly EndedBy[];
  readonly refused: readonly Refusal[];
  /** Milliseconds until a bind succeeded; null if no bind did in time. */
  readonly boundAfterMs: number | null;
  /** null if it was not checked whether it is started again. */
  readonly afterwards: Pick<Afterwards, 'lookedMs' | 'starters'> | null;
}

export interface EndedProcess extends Pick<Victim, 'pid' | 'command' | 'role'> {
  /** `gone`: it had ended before; `still there`: the signal has not ended it. */
  readonly result: 'ended' | 'gone' | 'still there' | 'not permitted';
}

export interface EndedBy extends Pick<Manager, 'shown' | 'of'> {
  /** Its last output if it failed. */
  readonly failure: Harmless | null;
}

interface HeldVictim extends Victim {
  /** null: it has ended, or its pid now belongs to another process. */
  readonly held: HeldProcess | null;
}

/** Holds every process of a plan by a descriptor, so that no signal can reach another process. */
export class Ending {
  #plan: EndingPlan;
  #victims: readonly HeldVictim[];

  /** @throws TcpcloseError `no-pidfd` */
  constructor(plan: EndingPlan) {
    this.#plan = plan;
    this.#victims = plan.victims.map((victim) => ({
      ...victim,
      held: HeldProcess.hold(victim.pid, () => isStill(victim)),
    }));
  }

  close(): void {
    for (const { held } of this.#victims) held?.close();
  }

  /** Spares processes that must not be ended any more. */
  keepOnly({ victims, managers }: EndingPlan): void {
    const named = new Set(managers.map(({ shown }) => shown));
    this.#plan = { ...this.#plan, managers: this.#plan.managers.filter(({ shown }) => named.has(shown)) };
    const kept = new Set(victims.map(({ pid }) => pid));
    for (const { pid, held } of this.#victims) if (!kept.has(pid)) held?.close();
    this.#victims = this.#victims.filter(({ pid }) => kept.has(pid));
  }

  /** Asks all of them to end, and waits until the port can be bound. */
  async run(
    place: Place,
    { port, host }: { readonly port: number; readonly host: string },
    { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
  ): Promise<Ended> {
    const startedAt = performance.now();
    const commands: EndedBy[] = [];
    for (const manager of this.#plan.managers) commands.push(await stopBy(manager, place, signal));
    const sent = this.#victims.map((victim) => ({ victim, delivery: askToEnd(victim) }));
    const isFree = async () => {
      const { bind } = await probe(place, port, host, signal);
      return (
        canBind(bind) && sent.every(({ victim, delivery }) => delivery !== 'sent' || victim.held?.hasEnded)
      );
    };
    const freed = await poll(`a bind to port ${port}`, isFree, { withinMs, everyMs: pauseMs, signal });
    const boundAfterMs = freed === undefined ? null : Math.round(performance.now() - startedAt);
    // A process that is started again comes back soon: the last look comes after that.
    if (freed) await sleep(settleMs, signal);
    return {
      processes: sent.map(({ victim, delivery }) => {
        const { pid, command, role } = victim;
        return { pid, command, role, result: resultOf(victim, delivery) };
      }),
      commands,
      refused: this.#plan.refused,
      boundAfterMs,
      afterwards: null,
    };
  }
}

const pauseMs = 50;
/** systemd waits 100 ms by default (RestartSec), and watchers wait a moment. */
const settleMs = 500;

/** Whether the process that now has that pid is the one that was shown. */
function isStill({ pid, command, startTicks, notAfter }: Victim): boolean {
  const now = startTicksOf(pid);
  if (now === undefined || notAfter === null || now > notAfter) return false;
  return startTicks === null ? commandLineOf(pid) === command : now === startTicks;
}

function askToEnd({ held, condition }: HeldVictim): Delivery {
  if (held === null) return 'gone';
  const delivery = held.signal('SIGTERM');
  // It acts on SIGTERM once it runs again.
  if (condition === 'stopped') held.signal('SIGCONT');
  return delivery;
}

function resultOf({ held }: HeldVictim, delivery: Delivery): EndedProcess['result'] {
  if (delivery !== 'sent') return delivery;
  return held?.hasEnded === false ? 'still there' : 'ended';
}

async function stopBy({ words, shown, of }: Manager, place: Place, signal: AbortSignal): Promise<EndedBy> {
  const { stdout, stderr, exitCode } = await place.run(words, signal);
  if (exitCode === 0) return { shown, of, failure: null };
  const [last = ''] = `${stdout}\n${stderr}`.trim().split('\n').slice(-1);
  const status = exitCode === -1 ? 'it cannot be started' : `exit status ${exitCode}`;
  return { shown, of, failure: harmless(last === '' ? status : `${status}: ${last}`) };
}
