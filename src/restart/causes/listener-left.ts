import type { Row } from '../../observe/row.ts';
import type { Cause, Observation, SecondStart } from '../trial.ts';
import { survivingListener } from './surviving.ts';

/** The old server's listener, if it blocked the second start. Its inode identifies it, whichever process has it. */
export function oldListener(
  { listenerInodes, oldSockets }: Observation,
  second: SecondStart,
): Row | undefined {
  const { ownBind, sockets } = second;
  const atItsBind = ownBind.state === 'called' ? ownBind.last.inTheWay : [];
  const rows = atItsBind.length > 0 ? atItsBind : [...sockets, ...oldSockets];
  return rows.find(({ state, inode }) => state === 'LISTEN' && listenerInodes.includes(inode ?? 0));
}

/** The cause if that listener is gone by now, or in a hidden process; the list of those that still listen contains only visible ones. */
export function listenerLeft(seen: Observation, second: SecondStart, { processes, inode }: Row): Cause {
  const survivor = seen.oldProcesses.find(({ pid }) => processes.some((holder) => holder.pid === pid));
  if (survivor !== undefined) return survivingListener(seen, second, survivor);
  const isThere = second.sockets.some((row) => row.inode === inode);
  const [holder] = processes;
  const who =
    holder !== undefined
      ? `by process ${holder.pid} (${holder.name})`
      : isThere
        ? 'by a process that cannot be seen'
        : 'by a process that was gone before it could be seen';
  return {
    code: 'surviving-listener',
    explanation: `The old server's listener was still open when it was started again, ${who}.`,
    remedy: isThere && holder === undefined ? `${endThem}; as root, tcpclose names the process` : endThem,
  };
}

const endThem = 'end all processes that have the listener before the server is started again';
