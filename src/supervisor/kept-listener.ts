import { fstatSync } from 'node:fs';
import * as v from 'valibot';
import { prepareToBind } from '../native/binding.ts';
import { attempt } from '../native/call.ts';
import { bindSocket, closeDescriptor, listenOn, openSocket } from '../native/socket.ts';
import { port } from '../rpc/messages.ts';

/** The address of a listener that is kept across all starts. */
export const endpoint = v.object({ address: v.string(), port });
type Kept = v.InferOutput<typeof endpoint>;

/** The same as systemd's; net.core.somaxconn limits it. */
const backlog = 4096;
const name = 'tcpclose.socket';

let kept: number | undefined;

/** Opens a listener, as the manager of a socket unit does. Returns its inode. @throws SystemCallError */
export function keepListener({ address, port }: Kept): { readonly inode: number } {
  const fd = openSocket(address, 'blocking');
  const failure = attempt(() => {
    prepareToBind(fd, { host: address, reuseAddress: 'on', reusePort: 'off' });
    bindSocket(fd, { address, port });
    listenOn(fd, backlog);
  });
  if (failure !== null) {
    closeDescriptor(fd);
    throw failure;
  }
  kept = fd;
  return { inode: fstatSync(fd).ino };
}

/** How to start a command so that it gets the kept listener (LISTEN_FDS), if there is one. */
export function withKeptListener(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** From descriptor 3 on, which is SD_LISTEN_FDS_START of sd_listen_fds(3). */
  readonly inherit: readonly number[];
} {
  if (kept === undefined) return { command, environment, inherit: [] };
  return {
    // LISTEN_PID is known only once the process exists, so a shell sets it, and then becomes the command.
    command: ['/bin/sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', ...command],
    environment: { ...environment, LISTEN_FDS: '1', LISTEN_FDNAMES: name },
    inherit: [kept],
  };
}
