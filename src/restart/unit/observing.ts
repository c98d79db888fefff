import { socketsOf } from '../../observe/proc/holders.ts';
import { commandLineOf, type Process, readProcesses } from '../../observe/processes.ts';
import { socketsOnPort } from '../../observe/sock-diag/table.ts';
import type { RoundContext } from '../context.ts';
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

/** What is left of the old server. */
export function survivor(listening: ReadonlySet<number>): (process: Process) => Survivor {
  return ({ pid, parent, name }) => ({
    ...{ pid, parent, name, command: commandLineOf(pid) },
    listener: listening.has(pid) ? 'own' : null,
  });
}
