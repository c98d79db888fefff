import type { Place } from '../../observe/place.ts';
import { sleep } from '../../time.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { cannotAccept } from './can-accept.ts';
import { restLookMs, restOf } from './rest.ts';

/**
 * A listener that no process serves: its processes all sleep in calls that a new connection does not end, or cannot accept at all, such as
 * a program that inherited the listener.
 */
export interface Unheard {
  readonly processes: readonly ProcessFacts[];
}

/** Looks twice, unless the first look shows that a process waits for connections. */
export async function unheardIn(diagnosis: Diagnosis, place: Place, signal: AbortSignal): Promise<Unheard[]> {
  if (place.procNet === undefined) return [];
  const { port, sockets, ownUid } = diagnosis;
  const listeners = sockets.filter(
    ({ state, local, uid, processes }) =>
      // Processes of other users may hold it as well, but only root sees those.
      state === 'LISTEN' && local.port === port && processes.length > 0 && (ownUid === 0 || uid === ownUid),
  );
  const first = listeners.map((socket) => ({
    socket,
    rest: restOf(socket),
    isUseless: socket.processes.every(({ pid }) => cannotAccept(pid)),
  }));
  const candidates = first.filter(({ rest, isUseless }) => rest !== null || isUseless);
  if (candidates.length === 0) return [];
  if (!candidates.every(({ isUseless }) => isUseless)) await sleep(restLookMs, signal);
  return candidates
    .filter(({ socket, rest, isUseless }) => isUseless || restOf(socket) === rest)
    .map(({ socket: { processes } }) => {
      const pids = processes.map(({ pid }) => pid);
      const facts = diagnosis.holders.flatMap((holder) => holder.processes);
      return { processes: pids.flatMap((pid) => facts.find((one) => one.pid === pid) ?? []) };
    })
    .filter(
      ({ processes }) => processes.length > 0 && processes.every(({ condition }) => condition === 'runs'),
    );
}
