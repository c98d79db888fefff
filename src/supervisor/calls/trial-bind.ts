import { lstatSync } from 'node:fs';
import { attempt } from '../../native/call.ts';
import { setSocketOption } from '../../native/options.ts';
import { bindToName, closeDescriptor, openSocket } from '../../native/socket.ts';
import type { Caller } from './caller.ts';
import { isBound, type Place } from './place.ts';
import type { SocketNow } from './socket.ts';

const firstUnprivilegedPort = 1024;

/**
 * What a bind(2) that waits will get: `ok` or errno, by a bind of our own with the same options, whose socket is closed before the
 * other goes on. null where that would tell nothing, or something else. A bind that fails takes nothing from anybody; one that
 * passes has the port for some microseconds, so that it is not tried while an earlier bind to the port is still under way.
 */
export function tryInItsPlace(caller: Caller, socket: SocketNow, place: Place, name: Buffer): string | null {
  if (isBound(socket.place)) return 'EINVAL';
  if (place.family === 'Unix') return exists(caller, place.path) ? 'EADDRINUSE' : null;
  if (socket.type !== 'stream' || caller.network === 'other' || socket.others === 'some') return null;
  if (place.port === 0 || socket.family !== place.family) return null;
  const { reuseAddress, reusePort, v6Only } = socket.options;
  // The kernel compares the users of sockets that share a port, and asks for a capability below 1024.
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

// bind(2) makes the file of a Unix socket, and fails where there is one, whatever it is. Abstract names have none.
function exists({ thread }: Caller, path: string): boolean {
  if (path === '' || path.startsWith('@')) return false;
  try {
    lstatSync(path.startsWith('/') ? `/proc/${thread}/root${path}` : `/proc/${thread}/cwd/${path}`);
    return true;
  } catch {
    return false;
  }
}
