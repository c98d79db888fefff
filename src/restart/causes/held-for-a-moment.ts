import type { Cause, Observation, SecondStart } from '../trial.ts';
import { nameProcess, optionOf } from './words.ts';

/** The second start reports that its address is in use, but a bind succeeds now. */
export function heldForAMoment(seen: Observation, { ownBind }: SecondStart): Cause {
  const { oldProcesses } = seen;
  const inTheWay = ownBind.state === 'called' ? (ownBind.refused ?? ownBind.last).inTheWay : [];
  const oldSockets = [...inTheWay, ...seen.oldSockets];
  const isOld = (pid: number) => oldProcesses.find((survivor) => survivor.pid === pid);
  const held = oldSockets.flatMap(({ state, processes }) =>
    processes.flatMap(({ pid }) => {
      const survivor = isOld(pid);
      return survivor === undefined ? [] : [{ state, survivor }];
    }),
  );
  const listener = held.find(({ state }) => state === 'LISTEN');
  const holder = listener ?? held[0];
  const by =
    holder === undefined
      ? 'by a process that was gone before it could be seen'
      : `by ${nameProcess(holder.survivor)}, which still had ${holder.state === 'LISTEN' ? 'the listener' : `a connection (${holder.state})`}`;
  return {
    code:
      holder === undefined ? 'racy' : listener === undefined ? 'surviving-connection' : 'surviving-listener',
    explanation: `The second start says that its address is in use; the port was held for a moment ${by}, and is free now.`,
    remedy:
      listener === undefined && optionOf(seen) === 'off'
        ? 'set SO_REUSEADDR before bind() in every start: a connection of the old server does not block the bind then'
        : 'start again only when all processes of the old server have ended',
  };
}
