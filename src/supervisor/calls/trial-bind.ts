import { lstatSync } from 'node:fs';
import { asUser } from '../../native/as-user.ts';
import { attempt } from '../../native/call.ts';
import { setSocketOption } from '../../native/options.ts';
import { bindToName, closeDescriptor, openSocket } from '../../native/socket.ts';
import type { Caller } from './caller.ts';
import { isBound, type Place } from './place.ts';
import type { SocketNow } from './socket.ts';

const firstUnprivilegedPort = 1024;

/**
 * Predicts the result of a waiting bind(2), `ok` or errno, by our own bind with the same options, whose socket is closed before the other
 * call continues. null if that would show nothing, or something else. A failed trial disturbs no program; a successful one has the port for
 * a few microseconds, so no trial is made while an earlier bind to the port is pending.
 */
export function tryInItsPlace(caller: Caller, socket: SocketNow, place: Place, name: Buffer): string | null {
  if (isBound(socket.place)) return 'EINVAL';
  if (place.family === 'Unix') return exists(caller, place.path) ? 'EADDRINUSE' : null;
  if (socket.type !== 'stream' || caller.network === 'other' || socket.others === 'some') return null;
  if (place.port === 0 || socket.family !== place.family) return null;
  const { reuseAddress, reusePort, v6Only } = socket.options;
  // The kernel compares the users of sockets that share a port, and requires a capability below 1024.
  if (caller.rights === 'other' && (reusePort || place.port < firstUnprivilegedPort)) return null;
  const fd = openSocket(place.family === 'IPv6' ? '::' : '0.0.0.0', 'non-blocking');
  try {
    const failure = attempt(() => {
      setSocketOption(fd, 'SO_REUSEADDR', reuseAddress ? 1 : 0);
      setSocketOption(fd, 'SO_REUSEPORT', reusePort ? 1 : 0);
      if (v6Only !== null) setSocketOption(fd, 'IPV6_V6ONLY', v6Only ? 1 : 0);
      bindToName(fd, name);
    });
    return failure?.errno ?? 'ok';
  } finally {
    closeDescriptor(fd);
  }
}

// bind(2) makes the file of a Unix socket, and fails if any file exists there. Abstract names have no file. A caller that may not enter a
// folder of the path gets EACCES instead, so the check has the caller's rights.
function exists({ thread, rights, user }: Caller, path: string): boolean {
  if (path === '' || path.startsWith('@')) return false;
  // Only root can take the rights of root without some capabilities.
  if (rights === 'other' && (user.uid === 0 || process.geteuid?.() !== 0)) return false;
  const file = path.startsWith('/') ? `/proc/${thread}/root${path}` : `/proc/${thread}/cwd/${path}`;
  const look = () => lstatSync(file);
  return succeeds(rights === 'same' ? look : () => asUser(user, look));
}

function succeeds(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch {
    return false;
  }
}
