import { type Harmless, harmless } from '../../foreign.ts';
import { commandLineOf, readProcess } from '../../observe/processes.ts';
import type { Row } from '../../observe/row.ts';

/** A process as it was while a call waited. */
export interface Witness {
  readonly pid: number;
  readonly command: Harmless;
  /** The pids above it, its parent first. */
  readonly above: readonly number[];
}

const mostHolders = 10;

/** The caller first, then the processes that hold sockets in its way: some of them will have ended when the report is made. */
export function witnessesOf(caller: number, inTheWay: readonly Row[]): Witness[] {
  const holders = inTheWay.flatMap(({ processes }) => processes.map(({ pid }) => pid));
  return [...new Set([caller, ...holders])].slice(0, mostHolders + 1).map(witnessOf);
}

function witnessOf(pid: number): Witness {
  const above: number[] = [];
  const own = readProcess(pid);
  for (let at = own; at !== undefined && at.parent > 1; at = readProcess(at.parent)) above.push(at.parent);
  const command = commandLineOf(pid);
  return { pid, command: command === '' ? (own?.name ?? harmless('')) : command, above };
}
