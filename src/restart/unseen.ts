import { hidesDescriptors, socketsOf } from '../observe/proc/holders.ts';
import { parseProc } from '../observe/proc/parse.ts';
import type { Process } from '../observe/processes.ts';
import type { Holders } from '../observe/sock-diag/table.ts';
import { networkOf, textOf } from '../proc-files.ts';

/** Why no listener of a running command is visible; undefined if that is not known. */
export function whyNotSeen(processes: readonly Process[]): string | undefined {
  const own = networkOf('self');
  const elsewhere = processes.find(({ pid }) => ![own, undefined].includes(networkOf(pid)));
  if (elsewhere !== undefined) {
    return `runs in a network namespace of its own (pid ${elsewhere.pid}), where tcpclose does not look: run tcpclose inside it`;
  }
  const ports = udpPorts(socketsOf(processes));
  const hidden = processes.find(({ pid }) => hidesDescriptors(pid));
  if (ports.length === 0 && hidden !== undefined) {
    return `runs a process that may not be inspected (pid ${hidden.pid}, ${hidden.name}), because it has other privileges or hides itself (PR_SET_DUMPABLE): name its --port, or run tcpclose as root`;
  }
  if (ports.length === 0) return undefined;
  return `opened only UDP ports (${ports.join(', ')}): tcpclose restarts servers of TCP and Unix sockets`;
}

// The columns of /proc/net/udp are those of /proc/net/tcp.
function udpPorts(holders: Holders): number[] {
  const { rows } = parseProc(textOf('/proc/net/udp') + textOf('/proc/net/udp6'));
  const ports = rows.flatMap(({ inode, local }) => (holders.has(inode ?? 0) ? [local.port] : []));
  return [...new Set(ports)].sort((a, b) => a - b);
}
