import { accessSync, type BigIntStats, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Harmless, harmless } from '../../foreign.ts';
import { attempt } from '../../native/call.ts';
import { closeDescriptor } from '../../native/socket.ts';
import { UnixDiag, type UnixSocket } from '../../native/unix-diag.ts';
import { bindAbstract, connectUnix } from '../../native/unix-socket.ts';
import type { Place } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import { uniqueHolders } from '../../observe/row.ts';
import { isSystemError } from '../../system-error.ts';
import { factsOf, type ProcessFacts, userName } from '../process-facts.ts';
import { readProcessTable } from '../process-files.ts';

/** The name of a Unix socket: the bytes for bind(2), and its printed form. An abstract name begins with NUL. */
export interface UnixName {
  readonly bytes: Buffer;
  readonly shown: Harmless;
}

/** What has the name of a Unix socket, and what that means for a bind. */
export interface UnixDiagnosis {
  readonly name: Harmless;
  readonly kind: 'path' | 'abstract';
  /**
   * `stale`: the file exists, but no process has it, as after a kill; `another file`: the file is not a socket; `unknown`: this user may
   * not see which process has it, or whether it exists. In all of these cases, bind fails. `forbidden`: no file exists, but bind fails.
   */
  readonly verdict: 'held' | 'free' | 'stale' | 'another file' | 'unknown' | 'forbidden';
  /** The name in the form for commands. */
  readonly raw: string;
  /** Whether a file of any kind is visible at the path. */
  readonly isThere: boolean;
  readonly holders: readonly UnixHolder[];
  /** Listeners on a file that once had the path and has lost it: clients cannot reach them by the path. */
  readonly lost: readonly UnixHolder[];
  /** The result of connect() if no holder is visible: `ok`, or an errno; null if it was not tried. */
  readonly connect: string | null;
  /**
   * The result of bind() for an abstract name. A path is never bound for a trial, because that would create a file: for a path, this is the
   * errno that its folder makes certain.
   */
  readonly bind: string | null;
  /** Whether this user may remove the file, as its folder shows. */
  readonly removable: boolean;
}

export interface UnixHolder {
  readonly state: 'LISTEN' | 'other';
  readonly waiting: number;
  readonly limit: number;
  /** Open connections of a listener. */
  readonly connections: number;
  /** Empty if they are not visible. */
  readonly processes: readonly ProcessFacts[];
  readonly user: Harmless | null;
}

export async function diagnoseUnix(place: Place, { bytes, shown }: UnixName): Promise<UnixDiagnosis> {
  const isAbstract = bytes[0] === 0;
  const diag = new UnixDiag();
  let sockets: UnixSocket[];
  try {
    sockets = diag.all();
  } finally {
    diag.close();
  }
  const file = isAbstract ? undefined : fileAt(bytes);
  const own = sockets.filter((socket) => (isAbstract ? hasName(socket, bytes) : hasFile(socket, file)));
  const unnamed = isAbstract
    ? []
    : sockets.filter((socket) => hasName(socket, bytes) && !own.includes(socket));
  const table = await readOwners(place, [...own, ...unnamed]);
  const holders = holdersOf(own, table);
  const hidden = !isAbstract && holders.length === 0 && (file === undefined || file.isSocket());
  // Only if no holder is visible, because the holder gets a connection that ends at once. It also shows whether the path can be followed.
  const connect = hidden ? outcomeOf(() => closeDescriptor(connectUnix(bytes))) : null;
  const bind =
    isAbstract && holders.length === 0 ? outcomeOf(() => closeDescriptor(bindAbstract(bytes))) : null;
  const raw = isAbstract ? shown : bytes.toString();
  const obstacle = connect !== null && file === undefined ? obstacleAt(raw, connect) : null;
  const verdict = verdictOf(holders, file, connect, bind ?? obstacle);
  return {
    name: shown,
    kind: isAbstract ? 'abstract' : 'path',
    verdict,
    raw,
    isThere: file !== undefined,
    holders,
    // If the path cannot be inspected, it is unknown whether the listeners have lost it.
    lost: verdict === 'unknown' ? [] : holdersOf(unnamed, table).filter(({ state }) => state === 'LISTEN'),
    connect,
    bind: bind ?? obstacle,
    removable: file !== undefined && isRemovable(raw, file, table.ownUid),
  };
}

const sticky = 0o1000n;

function isRemovable(path: string, file: BigIntStats, uid: number | null): boolean {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK);
    const { mode, uid: owner } = statSync(folder, { bigint: true });
    return uid === 0 || (mode & sticky) === 0n || [file.uid, owner].includes(BigInt(uid ?? -1));
  } catch {
    return false;
  }
}

function verdictOf(
  holders: readonly UnixHolder[],
  file: BigIntStats | undefined,
  connect: string | null,
  bind: string | null,
): UnixDiagnosis['verdict'] {
  if (holders.length > 0 || bind === 'EADDRINUSE') return 'held';
  if (file === undefined) {
    if (connect === 'EACCES' || connect === 'EPERM') return 'unknown';
    if (connect !== null && connect !== 'ENOENT' && bind === null) return 'held';
    return bind === null || bind === 'ok' ? 'free' : 'forbidden';
  }
  if (!file.isSocket()) return 'another file';
  // A file system is shared with other network namespaces, whose sockets no table here shows: connect() reaches them.
  if (connect === 'ECONNREFUSED') return 'stale';
  return connect === 'EACCES' || connect === 'EPERM' ? 'unknown' : 'held';
}

/** Why bind() would fail at a path without a file, according to connect() and the folder; null if nothing prevents it. */
function obstacleAt(path: string, connect: string): string | null {
  if (['ENOTDIR', 'ELOOP', 'EINVAL', 'ENAMETOOLONG'].includes(connect)) return connect;
  if (connect !== 'ENOENT') return null;
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return isSystemError(error) ? (error.code ?? null) : null;
  }
}

// bind() does not follow a link, and fails if there is any file; connect() does.
function fileAt(path: Buffer): BigIntStats | undefined {
  for (const look of [statSync, lstatSync]) {
    try {
      return look(path, { bigint: true });
    } catch {
      // A link that leads nowhere is a file, too.
    }
  }
  return undefined;
}

function hasFile({ file }: UnixSocket, stats: BigIntStats | undefined): boolean {
  if (file === null || stats === undefined) return false;
  return Number(stats.dev) === file.device && Number(stats.ino & 0xffff_ffffn) === file.inode;
}

// Some releases of Node pad abstract names with NULs.
function hasName({ name }: UnixSocket, bytes: Buffer): boolean {
  if (name.length < bytes.length || !name.subarray(0, bytes.length).equals(bytes)) return false;
  return name.subarray(bytes.length).every((byte) => bytes[0] === 0 && byte === 0);
}

interface Owners extends Awaited<ReturnType<typeof readProcessTable>> {
  readonly byInode: ReturnType<typeof findHolders>['byInode'];
}

async function readOwners(place: Place, sockets: readonly UnixSocket[]): Promise<Owners> {
  const inodes = new Set(sockets.map(({ inode }) => inode).filter((inode) => inode !== 0));
  const { byInode } = findHolders((inode) => inodes.has(inode));
  const pids = [...byInode.values()].flatMap((holders) => holders.map(({ pid }) => pid));
  return { ...(await readProcessTable(place, [...new Set(pids)])), byInode };
}

/** Each listener with its connections, which carry its name; without a listener, each socket bound to the name. */
function holdersOf(sockets: readonly UnixSocket[], table: Owners): UnixHolder[] {
  const listeners = sockets.filter(({ state }) => state === 'LISTEN');
  const others = sockets.filter(({ state, inode }) => state !== 'LISTEN' && inode !== 0);
  const shown = listeners.length > 0 ? listeners : others;
  return shown.map(({ inode, state, waiting, limit, uid }) => ({
    state,
    waiting: state === 'LISTEN' ? waiting : 0,
    limit: state === 'LISTEN' ? limit : 0,
    connections: state === 'LISTEN' ? others.length : 0,
    processes: uniqueHolders(table.byInode.get(inode) ?? []).map(({ pid, name }) =>
      factsOf(pid, name, table),
    ),
    user: uid === null ? null : userName(uid, table.passwd),
  }));
}

function outcomeOf(call: () => void): string {
  return attempt(call)?.errno ?? 'ok';
}

/** `/run/app.sock`, `./app.sock`, `unix:/run/app.sock`, or `@name` for an abstract one; undefined for anything else. */
export function unixNameOf(text: string): UnixName | undefined {
  const name = text.replace(/^unix:(?:\/\/(?=\/))?/, '');
  if (name.length > 1 && name.startsWith('@'))
    return { bytes: Buffer.from(`\0${name.slice(1)}`), shown: harmless(name) };
  const isPath = name !== text || /^\.{0,2}\//.test(name);
  return isPath && name !== '' ? { bytes: Buffer.from(name), shown: harmless(name) } : undefined;
}
