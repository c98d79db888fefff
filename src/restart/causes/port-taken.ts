import type { Row } from '../../observe/row.ts';
import type { Cause, Observation, SecondStart } from '../trial.ts';

/** A socket of another program on the port. */
export function otherHolder(seen: Observation, { sockets }: SecondStart): Row | undefined {
  const old = new Set(seen.oldProcesses.map(({ pid }) => pid));
  const byOld = ({ processes, inode }: Row) =>
    seen.listenerInodes.includes(inode ?? 0) || processes.some(({ pid }) => old.has(pid));
  return (
    sockets.find((row) => row.state === 'LISTEN' && !byOld(row)) ??
    seen.oldSockets.find((row) => row.state === 'LISTEN' && !byOld(row)) ??
    sockets.find((row) => row.processes.length > 0 && !byOld(row))
  );
}

export function takenBy({ processes, state }: Row): Cause {
  const [holder] = processes;
  const who =
    holder === undefined
      ? 'a process that is not visible to this user'
      : `process ${holder.pid} (${holder.name})`;
  if (state === 'LISTEN') {
    return {
      code: 'port-taken-by-other',
      explanation: `The port is taken by a listener of ${who}.`,
      remedy: 'stop the other program, or give one of them another port',
    };
  }
  return {
    code: 'port-taken-by-other',
    explanation: `The port is the local port of an outgoing connection of ${who} (${state}).`,
    remedy:
      'choose a port outside net.ipv4.ip_local_port_range, or put it into net.ipv4.ip_local_reserved_ports',
  };
}

/** systemd keeps the listener of a socket unit open across the restart. */
export const takenBySystemd: Cause = {
  code: 'port-taken-by-other',
  explanation:
    'The port is taken by the listener of its socket unit, which systemd keeps open across the restart.',
  remedy: 'use the listener that systemd passes (sd_listen_fds(3)) in every start, or stop the socket unit',
};
