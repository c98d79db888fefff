import { isWildcard } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { descendantsOf } from '../observe/processes.ts';
import { placeOf } from './client.ts';
import { listenersOn, type Tables } from './listening.ts';
import { nameHolder } from './naming.ts';
import { inodesOf, type Target } from './target.ts';

/** Distinguishes the command's listeners from those of other programs. */
export class ForeignListeners {
  readonly #supervisorPid: number;
  readonly #canTell: boolean;

  /** The first start of a service or of a container is not below the supervisor either. Then the listeners cannot be distinguished. */
  constructor(target: Target, supervisorPid: number) {
    this.#supervisorPid = supervisorPid;
    const own = this.#own();
    const holders = target.kind === 'tcp' ? target.listeners.map(({ processes }) => processes) : [];
    this.#canTell = holders.length > 0 && holders.every((all) => all.some(({ pid }) => own.includes(pid)));
  }

  /** The holder of this listener, such as `process 4711 (python3 -m http.server)`; undefined if it is the command, or is hidden. */
  holderOf(inode: number): string | undefined {
    if (!this.#canTell) return undefined;
    const isIt = (one: number) => one === inode;
    if (findHolders(isIt, this.#own()).byInode.size > 0) return undefined;
    const [holder] = findHolders(isIt).byInode.get(inode) ?? [];
    // The listener may have been passed to a process that did not exist before.
    if (holder === undefined || this.#own().includes(holder.pid)) return undefined;
    return nameHolder(holder);
  }

  #own(): number[] {
    return descendantsOf(this.#supervisorPid).map(({ pid }) => pid);
  }
}

/**
 * Refuses a port that another program shares by SO_REUSEPORT or by a more specific address, because it could get the server's clients.
 * @throws TcpcloseError `shared-port`
 */
export function refuseShared(tables: Tables, target: Target, supervisorPid: number): void {
  if (target.kind === 'unix') return;
  const { host, port } = placeOf(target);
  const own = new Set(inodesOf(target));
  const isSpecific = target.listeners.some(({ local }) => local.address === host);
  const foreign = new ForeignListeners(target, supervisorPid);
  for (const { inode, local } of listenersOn(tables, port, new Map())) {
    if (inode === null || own.has(inode)) continue;
    if (local.address !== host && (isSpecific || !isWildcard(local.address))) continue;
    const who = foreign.holderOf(inode);
    if (who === undefined) continue;
    throw new TcpcloseError(
      'shared-port',
      `port ${port} is shared with ${who}, which the command did not start: requests would reach that, too; stop it, or give the server another port`,
    );
  }
}
