import { ownSysctl, parsePortRange } from '../observe/sysctl.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Witness } from '../supervisor/calls/witnesses.ts';
import type { FailedBind } from './failed-bind.ts';

type Asked = FailedBind['asked'];

/** The ports that a run's processes got by a bind to port 0. A listen shows which; a socket that is closed without one does not. */
export class AskedPorts {
  readonly #byInode = new Map<number, Call>();
  readonly #known = new Map<number, { readonly call: Call; readonly inode: number }>();

  /** Takes a call that succeeded, or whose result was not seen. */
  passed(call: Call): void {
    const { inode, port } = call;
    if (inode === null) return;
    if (call.call === 'bind') {
      if (port === 0) this.#byInode.set(inode, call);
      return;
    }
    const bound = this.#byInode.get(inode);
    if (bound === undefined || port === null) return;
    this.#byInode.delete(inode);
    this.#known.set(port, { call, inode });
  }

  /** The process that had got the port of a failed call, and closed it again; null if none did. */
  before(failed: Call, caller: Witness | undefined): Asked {
    const known = this.#known.get(failed.port ?? 0);
    if (known !== undefined) {
      // While the socket that got the port still exists, it has not been closed.
      const isOpen = failed.inTheWay.some(({ inode }) => inode === known.inode);
      return isOpen ? null : askedBy(known.call, failed, 'seen');
    }
    const guess = isEphemeral(failed.port) ? this.#lastUnseen(failed, caller) : undefined;
    return guess === undefined ? null : askedBy(guess, failed, 'not seen');
  }

  /** A bind to port 0 by the caller, or by a process above it, whose socket was closed before it could be looked at. */
  #lastUnseen({ pid, type, at, inTheWay }: Call, caller: Witness | undefined): Call | undefined {
    const own = [pid, ...(caller?.above ?? [])];
    return [...this.#byInode.values()].findLast(
      (call) =>
        own.includes(call.pid) &&
        call.type === type &&
        call.seen !== 'afterwards' &&
        call.at < at &&
        inTheWay.every(({ inode }) => inode !== call.inode),
    );
  }
}

function askedBy(call: Call, failed: Call, port: 'seen' | 'not seen'): Asked {
  return { pid: call.pid, msBefore: Math.max(0, Math.round(failed.at - call.at)), port };
}

/** Whether a bind to port 0 can get it. */
function isEphemeral(port: number | null): boolean {
  const range = parsePortRange(ownSysctl('net.ipv4.ip_local_port_range'));
  return port !== null && range !== null && port >= range[0] && port <= range[1];
}
