import { messageOf } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { formatSpan, poll, sleep } from '../../time.ts';
import { bindNow } from '../bind-now.ts';
import type { RoundContext } from '../context.ts';
import { addressOf } from '../target.ts';
import type { Warning } from '../trial.ts';
import type { FoundUnit } from './found.ts';
import { order, quotedCommand, stateOf, type Unit, type UnitState } from './systemd.ts';

/** The unit as it was before the restart. */
type Before = Pick<FoundUnit, 'unit' | 'state' | 'target'>;

const lookMs = 300;
/** How long to wait for a free port: TIME_WAIT lasts 60 s, and bind fails as long. */
const freeingPatienceMs = 75_000;
/** How long to wait for a job: the defaults of TimeoutStopSec= and TimeoutStartSec= are both 90 s. */
const jobPatienceMs = 200_000;
/** After an interruption, the user does not wait long: systemd continues by itself. */
const interruptedPatienceMs = 5000;

/**
 * Makes sure that the unit runs again: if it has failed, it is started once its port is free. The unit is never stopped. The state in which
 * it is left is reported if it has changed, and always after an interruption.
 */
export async function bringBack(context: RoundContext, before: Before): Promise<Warning[]> {
  const { unit } = before;
  const isInterrupted = context.signal.aborted;
  try {
    const state = await broughtBack(context, before);
    if (isInterrupted) context.left.add(`${unit.name} is ${describe(state)}`);
    return state.active === 'active' && state.job === 'none' ? [] : [warning(before, describe(state))];
  } catch (error) {
    const text = `${unit.name} is in a state that is not known (${messageOf(error)})`;
    context.left.add(text);
    return [{ code: 'unit-left', text: `${text}: look at ${quotedCommand(unit, 'status')}.` }];
  }
}

async function broughtBack(context: RoundContext, before: Before): Promise<UnitState> {
  const { unit } = before;
  const isInterrupted = context.signal.aborted;
  const withinMs = isInterrupted ? interruptedPatienceMs : jobPatienceMs;
  const state = await settledState(context, unit, withinMs);
  if (state.active !== 'failed' && state.active !== 'inactive') return state;
  context.progress(`${unit.name} is ${harmless(state.active)}: starting it again`);
  if (!isInterrupted) await untilFree(context, before);
  await forgetFailures(unit);
  await order(unit, 'start');
  await sleep(lookMs);
  return await settledState(context, unit, withinMs);
}

/** Without this, systemd refuses several starts within a short time (StartLimitBurst=). A unit that systemd has unloaded has no such count. */
export async function forgetFailures(unit: Unit): Promise<void> {
  await order(unit, 'reset-failed').catch(() => undefined);
}

function warning({ unit, state }: Before, how: string): Warning {
  const text = `${unit.name} is left ${how}; it was ${describe(state)} before. Look at ${quotedCommand(unit, 'status')}, and start it: ${quotedCommand(unit, 'start')}.`;
  return { code: 'unit-left', text };
}

function describe({ active, sub, result, job }: UnitState): string {
  const why = result === 'success' ? '' : `, ${result}`;
  return harmless(`${active} (${sub}${why})${job === 'none' ? '' : ', and systemd still has a job for it'}`);
}

/** The state once systemd has nothing more to do for the unit, or when the time is up. */
async function settledState({ progress }: RoundContext, unit: Unit, withinMs: number): Promise<UnitState> {
  const atMost = performance.now() + withinMs;
  const settled = async () => {
    const state = await stateOf(unit);
    if (state.job !== 'waiting' && ['active', 'failed', 'inactive'].includes(state.active)) return state;
    progress(`waiting for systemd: ${unit.name} is ${harmless(state.active)} (${harmless(state.sub)})`, {
      atMost,
    });
    return undefined;
  };
  const patience = { withinMs, everyMs: lookMs };
  return (await poll(`systemd to finish with ${unit.name}`, settled, patience)) ?? (await stateOf(unit));
}

/** Waits until the port is free, because a start that does not set SO_REUSEADDR needs that. The listener of a socket unit stays. */
async function untilFree(context: RoundContext, { target, state }: Before): Promise<void> {
  if (state.sockets.length > 0) return;
  const endsAt = performance.now() + freeingPatienceMs;
  const isFree = () => {
    context.progress(`waiting for port ${target.port} to become free`, { atMost: endsAt });
    return bindNow(addressOf(target), 'off') !== 'EADDRINUSE';
  };
  const patience = { withinMs: freeingPatienceMs, everyMs: lookMs, signal: context.signal };
  const what = `port ${target.port} to become free within ${formatSpan(freeingPatienceMs)}`;
  await poll(what, isFree, patience).catch(() => undefined);
}
