import { monotonicMs } from '../../native/clock.ts';
import { DestroyedSockets } from '../../native/destroyed-sockets.ts';
import { SystemCallError } from '../../native/errno.ts';
import type { DiagSocket } from '../../native/sock-diag-message.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { isEnding } from '../../observe/proc/status.ts';
import { textOf } from '../../proc-files.ts';
import { numberOfState } from '../../state.ts';
import type { Tables } from '../listening.ts';
import { inodesOf, pidsOf, type Target } from '../target.ts';

const everyMs = 5;
const listening = numberOfState('LISTEN');
const open = ['LISTEN', 'ESTABLISHED', 'CLOSE_WAIT'] as const;
const states = open.reduce((mask, state) => mask | (1 << numberOfState(state)), 0);

/** What the kernel's table last showed about the server's end of a connection. */
export interface LastSeen {
  readonly at: number;
  /** Whether a process had the connection; otherwise it was still in the accept queue. */
  readonly place: 'accepted' | 'accept queue';
  /** Bytes that the server had not read. */
  readonly unread: number;
}

/**
 * From the signal on, reads the table of the server's port every few milliseconds: its listeners, its ends of the connections, and whether
 * a process that had a listener still runs. In addition, the kernel announces the end of a listener immediately.
 */
export class TableWatch {
  readonly #tables: Tables;
  readonly #target: Target;
  readonly #old: ReadonlySet<number>;
  readonly #pids: readonly number[];
  readonly #until: 'another listens' | 'the end';
  readonly #whoseIs: (inode: number) => 'own' | 'foreign';
  /** Listeners of other programs, and everything else that listened on the port before. */
  readonly #others = new Set<number>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #seen = new Map<number, LastSeen>();
  /** The cookies of the listeners of the first start that are not yet destroyed. */
  readonly #left = new Set<bigint>();
  readonly #notices: DestroyedSockets | undefined;
  #looks: 'none' | 'some' = 'none';
  /** When the listeners of the first start were gone; null if they still exist, or if the table does not show them. */
  goneAt: number | null = null;
  /** What showed that they were gone. */
  goneSeenBy: 'notice' | 'table' | null = null;
  /** When a process that had a listener of the first start was last seen running, before its exit began; null if that cannot be seen. */
  aliveAt: number | null = null;
  /** When another listener appeared. */
  backAt: number | null = null;

  /**
   * @param until when the connections no longer belong to the first start
   * @param whoseIs called once for each new listener
   */
  constructor(
    tables: Tables,
    target: Target,
    until: 'another listens' | 'the end',
    whoseIs: (inode: number) => 'own' | 'foreign',
  ) {
    this.#whoseIs = whoseIs;
    this.#tables = tables;
    this.#target = target;
    this.#until = until;
    this.#old = new Set(inodesOf(target).map((inode) => inode ?? 0));
    this.#pids = pidsOf(target);
    if (target.kind === 'unix') return;
    this.#notices = noticesTo((cookie) => this.#destroyed(cookie));
    this.#look();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The key is the port of the client's end. */
  get seen(): ReadonlyMap<number, LastSeen> {
    return this.#seen;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#notices?.close();
  }

  #destroyed(cookie: bigint): void {
    if (this.#left.delete(cookie) && this.#left.size === 0) this.#goneBy('notice', monotonicMs());
  }

  #goneBy(seenBy: 'notice' | 'table', at: number): void {
    // The table may have been read just before the notice came.
    this.goneAt ??= at;
    if (this.goneSeenBy !== 'notice') this.goneSeenBy = seenBy;
  }

  #look(): void {
    if (this.#target.kind === 'unix') return;
    this.#lookForProcesses();
    const { port } = this.#target;
    const rows = [AF_INET, AF_INET6].flatMap((family) => this.#tables.diag.list(family, { port, states }));
    const at = monotonicMs();
    const own = rows.filter(({ local }) => local.port === port);
    this.#keepListeners(
      own.filter(({ state }) => state === listening),
      at,
    );
    // Connections to the second start may have the same client ports.
    if (this.backAt !== null && this.#until === 'another listens') {
      this.end();
      return;
    }
    for (const { state, remote, inode, receiveQueue } of own) {
      if (state === listening) continue;
      const place = inode === 0 ? 'accept queue' : 'accepted';
      this.#seen.set(remote.port, { at, place, unread: receiveQueue });
    }
  }

  #lookForProcesses(): void {
    const at = monotonicMs();
    const runs = (pid: number) => {
      const stat = textOf(`/proc/${pid}/stat`);
      return stat !== '' && !isEnding(stat);
    };
    if (this.#pids.some(runs)) this.aliveAt = at;
  }

  #keepListeners(listeners: readonly DiagSocket[], at: number): void {
    const isOld = ({ inode }: DiagSocket) => this.#old.has(inode);
    if (!listeners.some(isOld)) this.#goneBy('table', at);
    if (this.#looks === 'none') for (const { cookie } of listeners.filter(isOld)) this.#left.add(cookie);
    const others = listeners.filter((listener) => !isOld(listener) && !this.#others.has(listener.inode));
    for (const { inode } of this.backAt === null ? others : [])
      if (this.#looks === 'none' || this.#whoseIs(inode) === 'foreign') this.#others.add(inode);
      else this.backAt ??= at;
    this.#looks = 'some';
  }
}

/** Without notices, only the table shows the end of a listener, a few milliseconds later. */
function noticesTo(onDestroyed: (cookie: bigint) => void): DestroyedSockets | undefined {
  try {
    return new DestroyedSockets(onDestroyed);
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
}
