import { factsOf, type ProcessFacts } from '../../diagnose/process-facts.ts';
import { type ProcessTable, readProcessTable } from '../../diagnose/process-files.ts';
import type { Harmless } from '../../foreign.ts';
import type { Place } from '../../observe/place.ts';
import { entriesOf, sizeOf } from '../../proc-files.ts';

/** A process that holds sockets in the audit. */
export interface AuditedProcess extends ProcessFacts {
  readonly name: Harmless;
  /** Open descriptors, and how many it may have (RLIMIT_NOFILE); null if they cannot be read. */
  readonly descriptors: number | null;
  readonly descriptorLimit: number | null;
}

export interface Processes {
  readonly byPid: ReadonlyMap<number, AuditedProcess>;
  readonly table: ProcessTable;
}

export async function readProcesses(
  place: Place,
  names: ReadonlyMap<number, Harmless>,
  signal: AbortSignal,
): Promise<Processes> {
  const pids = [...names.keys()];
  const [table, limits] = await Promise.all([
    readProcessTable(place, pids, signal),
    place.procNet === undefined ? limitsBehind(place, pids, signal) : limitsHere(place, pids),
  ]);
  const byPid = new Map(
    [...names].map(([pid, name]) => {
      const facts = factsOf(pid, name, table);
      const { limit = null, open = null } = limits.get(pid) ?? {};
      return [pid, { ...facts, name, descriptors: open, descriptorLimit: limit }];
    }),
  );
  return { byPid, table };
}

interface Limits {
  readonly limit: number | null;
  readonly open: number | null;
}

async function limitsHere(place: Place, pids: readonly number[]): Promise<Map<number, Limits>> {
  const read = pids.map(async (pid): Promise<[number, Limits]> => {
    const text = (await place.read(`/proc/${pid}/limits`)) ?? '';
    return [pid, { limit: limitIn(text), open: countDescriptors(pid) }];
  });
  return new Map(await Promise.all(read));
}

function limitIn(text: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? null : Number(soft);
}

function countDescriptors(pid: number): number | null {
  const folder = `/proc/${pid}/fd`;
  return sizeOf(folder) || entriesOf(folder).length || null;
}

const script = `
for p in "$@"; do
  echo "$p" "$(sed -n 's/^Max open files *\\([0-9]*\\).*/\\1/p' "/proc/$p/limits")." "$(ls "/proc/$p/fd" | wc -l)"
done 2>/dev/null
:`;

async function limitsBehind(
  place: Place,
  pids: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, Limits>> {
  if (pids.length === 0) return new Map();
  const { stdout } = await place.run(['sh', '-c', script, 'sh', ...pids.map(String)], signal);
  const found = stdout.matchAll(/^(\d+) (\d*)\. +(\d+)$/gm);
  return new Map(
    [...found].map(([, pid, limit, open]) => [
      Number(pid),
      { limit: limit === '' ? null : Number(limit), open: Number(open) || null },
    ]),
  );
}
