import { sameEndpoint } from '../address.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { parseProc } from '../observe/proc/parse.ts';
import { childrenOf } from '../observe/processes.ts';
import { type Holder, type Row, uniqueHolders } from '../observe/row.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import { textOf } from '../proc-files.ts';
import type { Client } from './client.ts';
import type { Tables } from './listening.ts';
import { publisherOf } from './publishing.ts';
import type { Target } from './target.ts';

/** Whether the server's program has accepted a connection, and which processes have it. */
type Acceptance =
  | { readonly state: 'waiting' }
  /** Not yet accepted: the kernel waits until the client has sent something (TCP_DEFER_ACCEPT), or the queue has room. */
  | { readonly state: 'deferred' }
  /** `by` is empty if no visible process has it. */
  | { readonly state: 'accepted'; readonly by: readonly Holder[] }
  /** Closed, or never there: no process has it, and it is not in the queue. */
  | { readonly state: 'gone' };

export function acceptanceOf(tables: Tables, target: Target, client: Client): Acceptance {
  const side = sideOf(tables, target, client);
  if (typeof side === 'string') return { state: side };
  const holders = findHolders((inode) => inode === side).byInode.get(side) ?? [];
  // A server may have answered and closed between the two looks; then no process is hidden.
  if (holders.length === 0 && sideOf(tables, target, client) !== side) return { state: 'gone' };
  return { state: 'accepted', by: uniqueHolders(holders) };
}

function sideOf(tables: Tables, target: Target, client: Client): Side {
  if (target.kind === 'unix') return unixSide(tables, client);
  const side = tcpSide(tables, target.port, client);
  return side === 'gone' ? containerSide(target, client) : side;
}

type Side = number | 'waiting' | 'deferred' | 'gone';

// With root's podman, a NAT rule forwards the connection into the container's network. There, the client has the same port as here.
function containerSide(target: Target, { local }: Client): Side {
  const publisher = publisherOf(target);
  if (publisher?.is.program !== 'conmon') return 'gone';
  const tables = childrenOf(publisher.pid).map(
    ({ pid }) => textOf(`/proc/${pid}/net/tcp`) + textOf(`/proc/${pid}/net/tcp6`),
  );
  const rows = tables.flatMap((text) => parseProc(text).rows);
  return sideIn(rows.find(({ remote, state }) => state !== 'LISTEN' && remote.port === local.port));
}

function tcpSide({ diag }: Tables, port: number, { local }: Client): Side {
  const rows = socketsOnPort(diag, port);
  return sideIn(rows.find(({ remote, state }) => state !== 'LISTEN' && sameEndpoint(remote, local)));
}

// A connection in the accept queue has no inode.
function sideIn(side: Row | undefined): Side {
  if (side === undefined) return 'gone';
  if (side.inode !== null && side.inode !== 0) return side.inode;
  if (side.state === 'SYN_RECV') return 'deferred';
  return side.state === 'ESTABLISHED' || side.state === 'CLOSE_WAIT' ? 'waiting' : 'gone';
}

// A client in the queue has a peer without an inode, and so has one whose connection was accepted and closed. Only the second reads an
// end; a listener that is closed gives ECONNRESET to those in its queue (unix_release_sock() in net/unix/af_unix.c).
function unixSide({ unixDiag }: Tables, { inode = 0, state }: Client): Side {
  const peer = unixDiag.find(inode)?.peer ?? null;
  if (peer === null) return 'gone';
  if (peer !== 0) return peer;
  return state === 'open' ? 'waiting' : 'gone';
}
