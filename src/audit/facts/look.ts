import type { Harmless } from '../../foreign.ts';
import { isThisNetwork, type Place } from '../../observe/place.ts';
import { sockDiag } from '../../observe/sock-diag/observer.ts';
import type { EarlierLook, FullLook, Look } from '../facts.ts';
import { readByProc } from './by-proc.ts';
import { readBySockDiag, readEarlier } from './by-sock-diag.ts';
import { readBySs } from './by-ss.ts';
import { EarlierTable } from './earlier.ts';
import { findHoldersOf } from './holders.ts';
import { readMachine } from './machine.ts';
import { readProcesses } from './processes.ts';
import { readRests } from './rests.ts';
import type { SocketTable } from './sockets.ts';

/** Reads the whole table of a network, its counters and its settings. */
export async function look(place: Place, signal: AbortSignal): Promise<Look> {
  const machine = await readMachine(place, signal);
  const atMs = performance.now();
  return { atMs, table: await readTable(place, signal), machine };
}

/** The same for the first of two looks. */
export async function earlierLook(place: Place, signal: AbortSignal): Promise<EarlierLook> {
  const machine = await readMachine(place, signal);
  const atMs = performance.now();
  const table = (await canAskDirectly(place, signal))
    ? readEarlier()
    : EarlierTable.of(await readTable(place, signal));
  return { atMs, table, machine, rests: readRests(table.listeners, place) };
}

async function canAskDirectly(place: Place, signal: AbortSignal): Promise<boolean> {
  return isThisNetwork(place) && (await sockDiag.open(place, signal)) !== null;
}

/** Uses the best way available; the others show less. */
async function readTable(place: Place, signal: AbortSignal): Promise<SocketTable> {
  if (await canAskDirectly(place, signal)) return readBySockDiag();
  return (await readBySs(place, signal)) ?? (await readByProc(place, signal));
}

/** A look for which the processes are not yet known. */
export function withoutProcesses(look: Look): FullLook {
  const table = { byPid: new Map(), passwd: '', ownUid: null, stat: '' };
  return { ...look, processes: { byPid: new Map(), table }, holders: new Map(), searched: 'not yet' };
}

/** Adds the processes of these sockets. */
export async function withProcesses(
  look: Look,
  place: Place,
  inodes: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<FullLook> {
  const holders = holdersOf(look, place, inodes);
  const names = new Map<number, Harmless>();
  for (const inode of inodes) for (const { pid, name } of holders.get(inode) ?? []) names.set(pid, name);
  return { ...look, holders, processes: await readProcesses(place, names, signal), searched: 'yes' };
}

function holdersOf({ table }: Look, place: Place, inodes: ReadonlySet<number>): FullLook['holders'] {
  if (table.holders !== null) return table.holders;
  return place.procNet === undefined ? new Map() : findHoldersOf(inodes);
}
