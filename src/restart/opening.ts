import { socketsOf } from '../observe/proc/holders.ts';
import { descendantsOf } from '../observe/processes.ts';
import type { Holder } from '../observe/row.ts';
import { type Holders, socketsOnPort } from '../observe/sock-diag/table.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { RoundContext } from './context.ts';
import type { Tables } from './listening.ts';
import type { Run } from './run.ts';
import type { Wanted } from './server-options.ts';

/** How a listener is known to belong to the command: by its own listen() call, with the calling process, or by the kernel's table alone. */
export type Sighting = { readonly seenBy: 'calls'; readonly openedBy: Holder } | { readonly seenBy: 'table' };

type Inode = number | null;

/** @param inodes the listeners of one port or path */
export function sightingOf(inodes: readonly Inode[], calls: readonly Call[]): Sighting {
  const opening = openingOf(inodes, calls);
  if (opening === undefined) return { seenBy: 'table' };
  return { seenBy: 'calls', openedBy: { pid: opening.pid, name: opening.program } };
}

/** In the order of opening. Those whose call was not seen keep their order at the end. */
export function inOrderOfOpening<Item extends { readonly inode: Inode }>(
  sockets: readonly Item[],
  calls: readonly Call[],
): Item[] {
  const placeOf = ({ inode }: Item) => openingOf([inode], calls)?.number ?? Number.MAX_SAFE_INTEGER;
  return sockets
    .map((socket) => ({ socket, place: placeOf(socket) }))
    .sort((a, b) => a.place - b.place)
    .map(({ socket }) => socket);
}

/** Whether a port that the command has bound may still become a listener: the server's port may follow that of its metrics. */
export async function awaitsListen(context: RoundContext, run: Run, wanted: Wanted): Promise<boolean> {
  if (wanted.kind !== 'any' || context.supervisor.watching.state === 'off') return false;
  const bound = async () =>
    boundPorts(context, socketsOf(descendantsOf(await context.supervisor.pid)), run.calls);
  let [port] = await bound();
  if (port === undefined) {
    await context.supervisor.settled();
    [port] = await bound();
  }
  if (port !== undefined) context.progress(`waiting for port ${port}, which is bound, to listen`);
  return port !== undefined;
}

/** The TCP ports that the command has bound, but neither listens on nor connects from yet. */
export function boundPorts({ diag }: Tables, holders: Holders, calls: readonly Call[]): number[] {
  const listened = new Set(calls.flatMap(({ call, inode }) => (call === 'listen' ? [inode] : [])));
  const bound = calls.filter(
    ({ call, type, family, network, result, inode }) =>
      call === 'bind' &&
      type === 'stream' &&
      family !== 'Unix' &&
      network === 'same' &&
      result === 'ok' &&
      !listened.has(inode) &&
      holders.has(inode ?? 0),
  );
  const ports = bound.flatMap(({ port, inode }) => {
    // A bind to port 0 is for clients: a server would have another port after a restart.
    if (port === null || port === 0) return [];
    const inUse = socketsOnPort(diag, port, holders).some(
      (row) => row.inode === inode && row.state !== 'BOUND_INACTIVE',
    );
    return inUse ? [] : [port];
  });
  return [...new Set(ports)];
}

// The call that opened a listener. It succeeded, because the socket is in the table of listeners; a later listen() only changes the
// backlog.
function openingOf(inodes: readonly Inode[], calls: readonly Call[]): Call | undefined {
  return calls.find(({ call, inode }) => call === 'listen' && inode !== null && inodes.includes(inode));
}
