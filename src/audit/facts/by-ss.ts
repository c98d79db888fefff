import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import type { ReceiveMemory } from '../../native/sock-diag-message.ts';
import { type Movement, shortestTimeoutMs } from '../../native/tcp-info.ts';
import type { Place } from '../../observe/place.ts';
import { type Holder, identityOf } from '../../observe/row.ts';
import { ss } from '../../observe/ss/observer.ts';
import { parseSs } from '../../observe/ss/parse.ts';
import { isFull, type SocketTable, TableBuilder } from './sockets.ts';

/** The same by ss, at any place; null if ss is missing. */
export async function readBySs(place: Place, signal: AbortSignal): Promise<SocketTable | null> {
  const { stdout, stderr, exitCode } = await place.run(['ss', '-tanpoeim'], signal);
  if (exitCode === -1 || exitCode === 126 || exitCode === 127) return null;
  if (!/^State\s+Recv-Q/m.test(stdout)) {
    const why = harmless(stderr.trim().split('\n').at(-1) || `exit status ${exitCode}`);
    throw new TcpcloseError('observer-failed', `ss failed (${why}): install another release of iproute2`);
  }
  return parseSsWithInfo(stdout);
}

/** With -i and -m, ss prints the kernel's information about each socket in an indented line below it. */
export function parseSsWithInfo(text: string): SocketTable {
  const table = new TableBuilder();
  const holders = new Map<number, readonly Holder[]>();
  for (const entry of text.replaceAll(/\n[\t ]+/g, '\t').split('\n')) {
    const [line = '', ...rest] = entry.split('\t');
    const [row] = parseSs(line).rows;
    if (row === undefined) continue;
    const { processes, cookie: _, ...socket } = row;
    if (row.inode !== null && row.inode !== 0 && processes.length > 0) {
      holders.set(row.inode, withDescriptors(processes, line));
    }
    const backlog = row.state === 'LISTEN' ? Number(/^\S+\s+\d+\s+(\d+)/.exec(line)?.[1] ?? 0) : 0;
    const details = rest.join(' ');
    const movement = movementIn(details);
    const full =
      row.state !== 'LISTEN' && isFull(movement, memoryIn(details)) ? { isFull: true as const } : {};
    table.add({ ...socket, key: identityOf(row), backlog, movement, ...full });
  }
  return table.finish(ss.label, holders);
}

// comm may contain anything, but not next to a pid that is known to belong to a holder.
function withDescriptors(processes: readonly Holder[], line: string): Holder[] {
  return processes.map((holder) => {
    const fd = new RegExp(`,pid=${holder.pid},fd=(\\d+)\\)`).exec(line)?.[1];
    return fd === undefined ? holder : { ...holder, fd: Number(fd) };
  });
}

// `skmem:(r129144,rb131072,...)`: the used memory of the receive buffer, and its limit.
function memoryIn(details: string): ReceiveMemory | undefined {
  const [, used, limit] = /skmem:\(r(\d+),rb(\d+)/.exec(details) ?? [];
  return used === undefined ? undefined : { used: Number(used), limit: Number(limit) };
}

// ss omits values that are 0.
function movementIn(details: string): Movement | null {
  if (!/(?:^|\s)rto:/.test(details)) return null;
  const numberOf = (name: string) =>
    Number(new RegExp(`(?:^|\\s)${name}:(\\d+(?:\\.\\d+)?)`).exec(details)?.[1] ?? 0);
  return {
    lastDataSentMs: numberOf('lastsnd'),
    lastDataReceivedMs: numberOf('lastrcv'),
    lastAckReceivedMs: numberOf('lastack'),
    rtoMs: numberOf('rto'),
    backoff: numberOf('backoff'),
    sendWindow: numberOf('snd_wnd'),
    // ss omits a window of zero, and old releases of ss never print the window.
    receiveWindow: numberOf('rcv_wnd') || null,
    // Old releases of ss do not print it.
    busyMs: /(?:^|\s)busy:/.test(details) ? numberOf('busy') : null,
    recoveringMs: null,
    probeMs: 2 * numberOf('rtt') + (numberOf('unacked') === 1 ? shortestTimeoutMs : 0),
  };
}
