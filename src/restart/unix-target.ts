import { TcpcloseError } from '../errors.ts';
import type { UnixListener } from './listening.ts';
import { SocketFile } from './socket-file.ts';
import { type UnixTarget, unixPath } from './target.ts';

/**
 * The way to the very socket that a server listens on, wherever its path leads from here.
 * @param folder that the command was started in
 * @param files where the socket's file is noted, to be removed at the end
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
      `the command listens on the Unix socket "${path}", whose file is not found from its working directory or its root: give it an absolute path`,
    );
  }
  files.add(file);
  return { kind: 'unix', path, name, inode, pids, file };
}

/** The same; undefined where the file is not found. */
export function tryUnixTarget(
  listener: UnixListener,
  folder: string,
  files: Set<SocketFile>,
): UnixTarget | undefined {
  try {
    return unixTarget(listener, folder, files);
  } catch (error) {
    if (error instanceof TcpcloseError && error.code === 'no-socket-file') return undefined;
    throw error;
  }
}
