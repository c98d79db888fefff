import { TcpcloseError } from '../errors.ts';
import type { Harmless } from '../foreign.ts';
import type { UnixListener } from './listening.ts';
import { SocketFile } from './socket-file.ts';
import { type UnixTarget, unixPath } from './target.ts';

/**
 * The path to the socket that a server listens on, wherever its own path leads from here.
 * @param folder the folder in which the command was started
 * @param files gets the socket's file, which is removed at the end
 * @throws TcpcloseError `no-socket-file`
 */
export function unixTarget(listener: UnixListener, folder: string, files: Set<SocketFile>): UnixTarget {
  const { name, inode, processes } = listener;
  const path = unixPath(name);
  const pids = processes.map(({ pid }) => pid);
  if (listener.file === null) return { kind: 'unix', path, name, inode, pids, file: null };
  const file = SocketFile.find(listener, pids, folder);
  if (file === undefined) {
    throw new TcpcloseError(
      'no-socket-file',
      `the command listens on the Unix socket "${path}", whose file is not found from its working directory or its root: if it was renamed, give its current name with --socket <path>, otherwise use an absolute path`,
    );
  }
  files.add(file);
  return { kind: 'unix', path, name, inode, pids, file };
}

/**
 * The same for the socket that was bound to a path, or whose file has that path now; undefined if there is none.
 * @throws TcpcloseError `no-socket-file`
 */
export function unixTargetAt(
  path: Harmless,
  listeners: readonly UnixListener[],
  folder: string,
  files: Set<SocketFile>,
): UnixTarget | undefined {
  const named = listeners.find(({ name }) => unixPath(name) === path);
  if (named !== undefined) return unixTarget(named, folder, files);
  for (const { name, inode, file: identity, processes } of listeners) {
    const pids = processes.map(({ pid }) => pid);
    const file = SocketFile.find({ name: Buffer.from(path), file: identity }, pids, folder);
    if (file === undefined) continue;
    files.add(file);
    return { kind: 'unix', path, name, inode, pids, file };
  }
  return undefined;
}
