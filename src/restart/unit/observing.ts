import { tryBinding } from '../../native/binding.ts';
import { socketsOf } from '../../observe/proc/holders.ts';
import { commandLineOf, type Process, readProcesses } from '../../observe/processes.ts';
import { socketsOnPort } from '../../observe/sock-diag/table.ts';
import type { RoundContext } from '../context.ts';
import { listenersOn } from '../listening.ts';
import type { Observation, Survivor } from '../trial.ts';
import type { FoundUnit } from './found.ts';
import type { UnitAttempt } from './second.ts';

export async function secondOf(
  { diag }: RoundContext,
  { target }: FoundUnit,
  { run, state, ...attempt }: UnitAttempt,
): Promise<Observation['second']> {
  const failed = attempt.result !== 'accepts';
  return {
    ...attempt,
    acceptor: 'own',
    ended: attempt.result === 'failed' ? (state.ending ?? null) : null,
    output: await run.output(),
    sockets: failed ? socketsOnPort(diag, target.port, socketsOf(readProcesses().values())) : [],
    ownBind: { state: 'not known' },
    calls: [],
    listensOn: [],
    missing: [],
  };
}

/** The processes among these that have the listener. */
export function listeningAmong(
  context: RoundContext,
  { target }: FoundUnit,
  processes: readonly Process[],
): Set<number> {
  const rows = listenersOn(context, target.port, socketsOf(processes));
  return new Set(rows.flatMap(({ processes }) => processes.map(({ pid }) => pid)));
}

/** What is left of the old server. */
export function survivor(listening: ReadonlySet<number>): (process: Process) => Survivor {
  return ({ pid, parent, name }) => ({
    ...{ pid, parent, name, command: commandLineOf(pid) },
    listener: listening.has(pid) ? 'own' : null,
  });
}

/** The result of a bind(2) now. */
export function probe({ port, listeners }: FoundUnit['target']): Observation['probe'] {
  const host = listeners[0]?.local.address ?? '0.0.0.0';
  const bind = (reuseAddress: 'on' | 'off') =>
    tryBinding({ host, reuseAddress, reusePort: 'off' }, port, 'not').bind;
  return { withoutReuseAddress: bind('off'), withReuseAddress: bind('on') };
}
