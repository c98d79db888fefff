import type { Endpoint } from '../address.ts';
import { UsageError } from '../errors.ts';
import type { Place } from '../observe/place.ts';
import { socketsOfProcess } from './facts/holders.ts';
import type { SocketTable } from './facts/sockets.ts';
import type { IsChosen } from './facts.ts';

/** What an audit covers: everything, or the sockets of a process, of a port at either end, or towards a destination. */
export type Scope =
  | { readonly kind: 'machine' }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'remote'; readonly addresses: readonly string[]; readonly port: Endpoint['port'] };

/** @throws UsageError for a process that does not exist or may not be inspected */
export function choiceOf(scope: Scope, table: SocketTable, place: Place): IsChosen {
  switch (scope.kind) {
    case 'machine':
      return () => true;
    case 'pid': {
      const inodes = inodesOf(scope.pid, table, place);
      return ({ inode }) => inode !== null && inodes.has(inode);
    }
    case 'port':
      return ({ local, remote }) => local.port === scope.port || remote.port === scope.port;
    case 'remote': {
      const addresses = new Set(scope.addresses);
      return ({ remote }) => remote.port === scope.port && addresses.has(remote.address);
    }
  }
}

function inodesOf(pid: number, { holders }: SocketTable, place: Place): Set<number> {
  if (place.procNet === undefined || holders !== null) {
    const own = [...(holders ?? [])].filter(([, all]) => all.some((holder) => holder.pid === pid));
    if (own.length > 0) return new Set(own.map(([inode]) => inode));
    throw new UsageError(
      'no-process',
      `process ${pid} has no TCP socket that you can see: check the pid, or run tcpclose as root`,
    );
  }
  try {
    return socketsOfProcess(pid);
  } catch (error) {
    const forbidden = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new UsageError(
      'no-process',
      forbidden
        ? `you may not inspect process ${pid}: run tcpclose as its user, or as root`
        : `there is no process ${pid}: check the number with "ps -p ${pid}"`,
      error,
    );
  }
}
