import { socketsOf } from '../observe/proc/holders.ts';
import { steadyDescendantsOf } from '../observe/processes.ts';

/** The inodes of the sockets, of any protocol, of this process and its descendants. Empty if /proc cannot be read. */
export function openSockets(): ReadonlySet<number> {
  try {
    const processes = [{ pid: process.pid }, ...steadyDescendantsOf(process.pid)];
    return new Set(socketsOf(processes).keys());
  } catch {
    return new Set();
  }
}
