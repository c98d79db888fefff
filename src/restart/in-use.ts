import { type Harmless, harmless } from '../foreign.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { readProcesses } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import type { RoundContext } from './context.ts';
import { nameHolder } from './naming.ts';
import { saysInUse } from './output-words.ts';
import type { Run } from './run.ts';

/**
 * Describes who has the port that a start found in use, as its own calls or its output show; undefined if the start failed for another
 * reason.
 * @param wanted where it should have listened
 */
export async function portInUse(
  context: RoundContext,
  run: Run,
  output: string,
  wanted: number | undefined,
): Promise<Harmless | undefined> {
  await context.supervisor.settled();
  const call = run.calls.findLast(({ result }) => result === 'EADDRINUSE');
  const said = call !== undefined || saysInUse(output);
  const port = call?.port ?? (said ? portIn(output) : undefined) ?? wanted;
  if (port === undefined) return undefined;
  const holders = socketsOf(readProcesses().values());
  const rows = socketsOnPort(context.diag, port, holders);
  const seen = rows.length > 0 ? rows : (call?.inTheWay ?? []);
  if (!said && !seen.some(({ state }) => state === 'LISTEN')) return undefined;
  if (seen.length === 0) return undefined;
  return harmless(`port ${port} is held by ${whoHas(seen)} ("tcpclose why ${port}" says what to do)`);
}

/** The port in a message such as "listen EADDRINUSE: address already in use :::8080". */
function portIn(output: string): number | undefined {
  const line = output.split('\n').find((line) => saysInUse(line) && /[0-9]{2,5}/.test(line)) ?? output;
  const found = /(?:[:\]]|port\W{0,3})([0-9]{2,5})\b/i.exec(line)?.[1];
  return found === undefined || Number(found) > 65_535 ? undefined : Number(found);
}

function whoHas(rows: readonly Row[]): string {
  const [row] = [...rows].sort((a, b) => rank(a) - rank(b));
  const [holder] = row?.processes ?? [];
  if (holder === undefined) return `${row?.state ?? 'a socket'} that no visible process has`;
  return nameHolder(holder);
}

function rank({ state, processes }: Row): number {
  return (state === 'LISTEN' ? 0 : 1) + (processes.length > 0 ? 0 : 2);
}
