import { readlinkSync } from 'node:fs';
import { type Program, readProc } from './program.ts';

/** How many connections are in TIME_WAIT in the private network of its processes. */
export function timeWaits(program: Program): number {
  const pids = program.processes().map((line) => line.split(' ')[0] ?? '');
  const inside = pids.find((pid) => networkOf(pid) !== networkOf('self'));
  return inside === undefined
    ? 0
    : Number(/^TCP: .* tw (\d+)/m.exec(readProc(`${inside}/net/sockstat`))?.[1] ?? 0);
}

/** A name for the network namespace of a process, which is its own where the process has gone. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return networkOf('self');
  }
}
