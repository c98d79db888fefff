import { SystemCallError } from './errno.ts';
import { libc } from './libc.ts';
import { AF_NETLINK, messagesOf, NETLINK_SOCK_DIAG, NetlinkSocket } from './netlink.ts';
import { setSocketOption, takeRoomForBursts } from './options.ts';
import { readDiagSocket } from './sock-diag-message.ts';
import { SOCK_DIAG_BY_FAMILY } from './sock-diag-request.ts';
import { bindToName } from './socket.ts';

// SKNLGRP_INET_TCP_DESTROY and SKNLGRP_INET6_TCP_DESTROY, as bits.
const tcpGroups = 0b101;
const turnMs = 100;
const largest = 1 << 16;

/**
 * The kernel's notices of TCP sockets that it destroys, in the network namespace where this is opened (`ss -E`; Linux 4.3). Any user
 * receives them. A socket is destroyed when its last descriptor is closed: a listener at once, a connection when TCP no longer needs it.
 */
export class DestroyedSockets {
  readonly #socket = new NetlinkSocket(NETLINK_SOCK_DIAG);
  #state: 'open' | 'closing' = 'open';

  /** @throws SystemCallError if the kernel has no such notices */
  constructor(onDestroyed: (cookie: bigint) => void) {
    try {
      takeRoomForBursts(this.#socket.fd);
      setSocketOption(this.#socket.fd, 'SO_RCVTIMEO', turnMs);
      const address = Buffer.alloc(12);
      address.writeUInt16LE(AF_NETLINK, 0);
      address.writeUInt32LE(tcpGroups, 8);
      bindToName(this.#socket.fd, address);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    void this.#listen(onDestroyed);
  }

  close(): void {
    this.#state = 'closing';
  }

  /** Reads on a separate thread that waits, because Node's event loop does not poll such a socket. */
  async #listen(onDestroyed: (cookie: bigint) => void): Promise<void> {
    const bytes = Buffer.alloc(largest);
    while (this.#state === 'open') {
      const size = await this.#receive(bytes);
      if (this.#state !== 'open') break;
      for (const { type, body } of messagesOf(bytes.subarray(0, size))) {
        if (type === SOCK_DIAG_BY_FAMILY) onDestroyed(readDiagSocket(body).cookie);
      }
    }
    this.#socket.close();
  }

  async #receive(bytes: Buffer): Promise<number> {
    try {
      return await libc.recv.async(this.#socket.fd, bytes, bytes.length, 0);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      // EAGAIN is the end of a turn; ENOBUFS means that notices were lost.
      if (!['EAGAIN', 'EINTR', 'ENOBUFS'].includes(error.errno)) this.#state = 'closing';
      return 0;
    }
  }
}
