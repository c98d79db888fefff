import type { Place } from '../../observe/place.ts';
import { sleep } from '../../time.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { restLookMs, restOf } from './rest.ts';

/** A listener whose processes all sleep in calls that a new connection does not end, as a program that has inherited it does. */
export interface Unheard {
  readonly processes: readonly ProcessFacts[];
}

/** Looks twice, if the first look does not show who waits for connections. */
export async function unheardIn(diagnosis: Diagnosis, place: Place, signal: AbortSignal): Promise<Unheard[]> {
  if (place.procNet === undefined) return [];
  const { port, sockets, ownUid } = diagnosis;
  const listeners = sockets.filter(
    ({ state, local, uid, processes }) =>
      // Processes of other users may have it as well, and only root sees those.
      state === 'LISTEN' && local.port === port && processes.length > 0 && (ownUid === 0 || uid === ownUid),
  );
  const first = listeners.map((socket) => ({ socket, rest: restOf(socket) }));
  const candidates = first.filter(({ rest }) => rest !== null);
  if (candidates.length === 0) return [];
  await sleep(restLookMs, signal);
  return candidates
    .filter(({ socket, rest }) => restOf(socket) === rest)
    .map(({ socket: { processes } }) => {
      const pids = processes.map(({ pid }) => pid);
      const facts = diagnosis.holders.flatMap((holder) => holder.processes);
      return { processes: pids.flatMap((pid) => facts.find((one) => one.pid === pid) ?? []) };
    })
    .filter(
      ({ processes }) => processes.length > 0 && processes.every(({ condition }) => condition === 'runs'),
    );
}
