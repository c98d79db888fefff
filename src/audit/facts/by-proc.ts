import { TcpcloseError } from '../../errors.ts';
import { type Place, readAll } from '../../observe/place.ts';
import { holdersAt, proc } from '../../observe/proc/observer.ts';
import { parseProc } from '../../observe/proc/parse.ts';
import { identityOf } from '../../observe/row.ts';
import { type SocketTable, TableBuilder } from './sockets.ts';

/** Reads /proc/net/tcp instead, which has neither ages nor limits of accept queues. */
export async function readByProc(place: Place, signal: AbortSignal): Promise<SocketTable> {
  const text = await readAll(place, ['/proc/net/tcp', '/proc/net/tcp6'], signal);
  if (!text.includes('local_address')) throw new TcpcloseError('no-observer', proc.missing);
  const table = new TableBuilder();
  for (const row of parseProc(text).rows) {
    const { processes: _, cookie: __, ...socket } = row;
    table.add({ ...socket, key: identityOf(row), backlog: 0, movement: null });
  }
  return table.finish(proc.label, await holdersAt(place, signal));
}
