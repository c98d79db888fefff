/**
 * Borrowing a descriptor from another process (pidfd_getfd(2), Linux 5.6): the only way to read the options of another
 * process's socket, because sock_diag does not report SO_REUSEADDR. The other process does not notice.
 */
import { fstatSync, readdirSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { socketInodeOf } from '../proc-files.ts';
import { SystemCallError } from './errno.ts';
import { libc, SYS_pidfd_open } from './libc.ts';
import { getSocketOption } from './options.ts';
import { closeDescriptor, withDescriptor } from './socket.ts';

// The same on every architecture (asm-generic).
const SYS_pidfd_getfd = 438;

/** A socket of a process, by the inode that sock_diag, ss and /proc/net/tcp report. */
interface SocketOf {
  readonly pid: number;
  readonly inode: number;
  /** Its descriptor in that process, if known, which saves the search. */
  readonly fd?: number;
}

/** The options of a socket that decide bind(2), as they are now, or why they cannot be read. */
export type ListenerOptions =
  | { readonly state: 'read'; readonly reuseAddress: boolean; readonly reusePort: boolean }
  /** The socket is not hidden: its process has closed it or ended since it was seen. */
  | { readonly state: 'gone'; readonly reason: string }
  | { readonly state: 'unreadable'; readonly reason: string };

/** SO_REUSEADDR and SO_REUSEPORT of another process's socket: a user may read those of their own processes, and root those of all. */
export function listenerOptions(socket: SocketOf): ListenerOptions {
  try {
    return withDescriptor(borrowSocket(socket), (fd) => ({
      state: 'read',
      reuseAddress: getSocketOption(fd, 'SO_REUSEADDR') !== 0,
      reusePort: getSocketOption(fd, 'SO_REUSEPORT') !== 0,
    }));
  } catch (error) {
    return whyUnread(error);
  }
}

/**
 * A descriptor of the same socket, which the caller must close: it keeps the socket open.
 * @throws SystemCallError EPERM, ESRCH, ENOSYS ...; errors of /proc/<pid>/fd: EACCES, ENOENT
 */
function borrowSocket({ pid, inode, fd = descriptorOf(pid, inode) }: SocketOf): number {
  const borrowed = borrowDescriptor(pid, fd);
  // The number may belong to another file since it was looked up.
  if (fstatSync(borrowed).ino === inode) return borrowed;
  closeDescriptor(borrowed);
  throw new SystemCallError('pidfd_getfd', 'EBADF');
}

/**
 * A descriptor of the file that a process has open under that number. The caller must close it.
 * @throws SystemCallError EPERM, ESRCH, EBADF, ENOSYS ...
 */
export function borrowDescriptor(pid: number, fd: number): number {
  return withDescriptor(libc.pidfd_open(SYS_pidfd_open, pid, 0), (process) =>
    libc.pidfd_getfd(SYS_pidfd_getfd, process, fd, 0),
  );
}

function descriptorOf(pid: number, inode: number): number {
  const folder = `/proc/${pid}/fd`;
  // A descriptor may be closed during the search.
  const found = readdirSync(folder).find((fd) => socketInodeOf(`${folder}/${fd}`) === inode);
  if (found === undefined) throw new SystemCallError('pidfd_getfd', 'EBADF');
  return Number(found);
}

function whyUnread(error: unknown): ListenerOptions {
  const errno = error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code;
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return {
        state: 'unreadable',
        reason:
          'the process may not be inspected (EPERM): run as its user or as root; Yama (kernel.yama.ptrace_scope) and containers may forbid even that',
      };
    case 'ENOENT':
    case 'ESRCH':
      return { state: 'gone', reason: 'the process has ended' };
    case 'EBADF':
      return { state: 'gone', reason: 'the process has closed the socket' };
    case 'ENOSYS':
      return { state: 'unreadable', reason: 'this kernel has no pidfd_getfd, which came with Linux 5.6' };
    default:
      return { state: 'unreadable', reason: messageOf(error) };
  }
}
