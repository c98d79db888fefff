import type { Shell } from '../diagnose/advice/shell.ts';
import { groupBy } from '../group.ts';
import { type ListenerOptions, listenerOptions } from '../native/borrow.ts';
import { isThisNetwork, type Place } from '../observe/place.ts';
import type { Holder } from '../observe/row.ts';
import type { State } from '../state.ts';
import type { EarlierTable } from './facts/earlier.ts';
import type { Machine } from './facts/machine.ts';
import type { AuditedProcess, Processes } from './facts/processes.ts';
import type { Rests } from './facts/rests.ts';
import type { Socket, SocketTable } from './facts/sockets.ts';
import type { Sources } from './facts/sources.ts';
import type { Culprit } from './finding.ts';
import type { Thresholds } from './thresholds.ts';

/** The state of the network at one moment. */
export interface Look {
  /** On the clock of performance.now(). */
  readonly atMs: number;
  readonly table: SocketTable;
  readonly machine: Machine;
}

/** The first of two looks; little of it is kept. */
export interface EarlierLook {
  readonly atMs: number;
  readonly table: EarlierTable;
  readonly machine: Machine;
  readonly rests: Rests;
}

/** A look, with the processes of the sockets that matter. */
export interface FullLook extends Look {
  readonly processes: Processes;
  /** The holders of sockets that matter, by inode. */
  readonly holders: ReadonlyMap<number, readonly Holder[]>;
  /** `not yet`: the findings only request the processes that they need. */
  readonly searched: 'yes' | 'not yet';
}

type Given = Pick<
  Facts,
  'place' | 'thresholds' | 'shell' | 'signal' | 'now' | 'before' | 'scope' | 'sources'
>;

export type IsChosen = (socket: Pick<Socket, 'local' | 'remote' | 'inode'>) => boolean;

/** Everything that findings are made from. */
export class Facts {
  readonly place: Place;
  readonly thresholds: Thresholds;
  readonly shell: Shell;
  readonly signal: AbortSignal;
  readonly now: FullLook;
  /** The first of two looks; null if there was only one. */
  readonly before: EarlierLook | null;
  /** The connections and listeners that the audit covers. */
  readonly connections: readonly Socket[];
  readonly listeners: readonly Socket[];
  /** `part`: the sockets of one process, port or destination; sockets without a process are then left out. */
  readonly scope: 'machine' | 'part';
  readonly sources: Sources;
  /** The inodes of the sockets whose processes were requested. */
  readonly asked = new Set<number>();
  /** The culprits of groups of sockets, because a finding asks for them several times. */
  readonly culprits = new WeakMap<readonly Socket[], readonly Culprit[]>();
  readonly #isChosen: IsChosen;
  readonly #options = new Map<number, ListenerOptions>();
  #serverPorts: ReadonlySet<number> | undefined;
  #byPorts: Map<number, Socket[]> | undefined;

  constructor(options: Given & { readonly isChosen: IsChosen }) {
    const { now, scope, isChosen } = options;
    this.place = options.place;
    this.thresholds = options.thresholds;
    this.shell = options.shell;
    this.signal = options.signal;
    this.now = now;
    this.before = options.before;
    this.scope = scope;
    this.sources = options.sources;
    this.#isChosen = isChosen;
    this.connections = scope === 'machine' ? now.table.connections : now.table.connections.filter(isChosen);
    this.listeners = scope === 'machine' ? now.table.listeners : now.table.listeners.filter(isChosen);
  }

  /** Milliseconds between the two looks; 0 for one. */
  get spanMs(): number {
    return this.before === null ? 0 : this.now.atMs - this.before.atMs;
  }

  isChosen(socket: Pick<Socket, 'local' | 'remote' | 'inode'>): boolean {
    return this.scope === 'machine' || this.#isChosen(socket);
  }

  /** The number of connections in TIME_WAIT that the audit covers. */
  get timeWaits(): number {
    const { timeWaits } = this.now.table;
    if (this.scope === 'machine') return timeWaits.count;
    let count = 0;
    for (const { local, remote } of timeWaits) if (this.isChosen({ local, remote, inode: 0 })) count++;
    return count;
  }

  holdersOf({ inode }: Pick<Socket, 'inode'>): readonly Holder[] {
    if (inode === null || inode === 0) return [];
    this.asked.add(inode);
    return this.now.holders.get(inode) ?? [];
  }

  /** The options of a listener, read only once. */
  optionsOf({ inode }: Socket): ListenerOptions {
    const known = this.#options.get(inode ?? 0);
    if (known !== undefined) return known;
    const options = this.#readOptions(inode ?? 0);
    this.#options.set(inode ?? 0, options);
    return options;
  }

  #readOptions(inode: number): ListenerOptions {
    if (!isThisNetwork(this.place)) return { state: 'unreadable', reason: 'not through a launcher' };
    const [holder] = this.holdersOf({ inode });
    if (holder?.fd === undefined) return { state: 'unreadable', reason: 'its process cannot be seen' };
    return listenerOptions({ pid: holder.pid, inode, fd: holder.fd });
  }

  process(pid: number): AuditedProcess | undefined {
    return this.now.processes.byPid.get(pid);
  }

  /** The visible processes that hold a socket. */
  processesOf(socket: Pick<Socket, 'inode'>): AuditedProcess[] {
    return this.holdersOf(socket).flatMap(({ pid }) => this.process(pid) ?? []);
  }

  /** The ports of all listeners. */
  get serverPorts(): ReadonlySet<number> {
    this.#serverPorts ??= new Set(this.now.table.listeners.map(({ local }) => local.port));
    return this.#serverPorts;
  }

  /** Whether this end accepted the connection. */
  isServer({ open, local }: Pick<Socket, 'open' | 'local'>): boolean {
    return open === null ? this.serverPorts.has(local.port) : open === 'passive';
  }

  /** The other end of a connection, if it is on this machine too. */
  otherEnd({ local, remote }: Pick<Socket, 'local' | 'remote'>): Socket | undefined {
    this.#byPorts ??= groupBy(this.now.table.connections, ({ local, remote }) =>
      portsKey(local.port, remote.port),
    );
    return this.#byPorts
      .get(portsKey(remote.port, local.port))
      ?.find((other) => other.local.address === remote.address && other.remote.address === local.address);
  }

  /** The state of the same socket at the first look; undefined if it was not there. */
  stateBefore(socket: Socket): State | undefined {
    return this.before?.table.stateOf(socket);
  }

  /** The same listener at the first look. */
  listenerBefore(listener: Socket): Socket | undefined {
    return this.before?.table.listener(listener);
  }

  /** How far a counter of the kernel moved; null after a single look. */
  movedBy(counter: string): number | null {
    if (this.before === null) return null;
    return (this.now.machine.counters.get(counter) ?? 0) - (this.before.machine.counters.get(counter) ?? 0);
  }
}

function portsKey(local: number, remote: number): number {
  return local * 65_536 + remote;
}
