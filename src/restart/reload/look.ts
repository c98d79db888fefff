import { groupBy } from '../../group.ts';
import { monotonicMs } from '../../native/clock.ts';
import { socketsOf } from '../../observe/proc/holders.ts';
import { startTicksOf } from '../../observe/proc/status.ts';
import { commandLineOf, type Process } from '../../observe/processes.ts';
import { uniqueHolders } from '../../observe/row.ts';
import { socketsOnPort } from '../../observe/sock-diag/table.ts';
import { textOf } from '../../proc-files.ts';
import { listenersAt, type Tables } from '../listening.ts';
import { inodesOf, type Target } from '../target.ts';
import type { Listeners } from './reload.ts';

/** USER_HZ, 100 on every Linux architecture that Node runs on. */
const msPerTick = 10;

/** Watches which processes listen on a target. */
export class ListenersWatch {
  readonly #tables: Tables;
  readonly #target: Target;
  readonly #processes: () => readonly Process[];
  /** Whether the processes that listen are visible; those of a container's proxy are not. */
  readonly #holders: 'seen' | 'hidden';
  readonly #first: ReadonlySet<number | null>;
  #since = monotonicMs();

  /** @param processes returns those of the server at the moment of a look */
  constructor(tables: Tables, target: Target, processes: () => readonly Process[]) {
    this.#tables = tables;
    this.#target = target;
    this.#processes = processes;
    this.#first = new Set(inodesOf(target));
    this.#holders = 'seen';
    if (this.look('short').processes.length === 0) this.#holders = 'hidden';
  }

  /** The moment of CLOCK_MONOTONIC from which the times of starts count. */
  set since(at: number) {
    this.#since = at;
  }

  look(detail: 'short' | 'with connections'): Listeners {
    const holders = socketsOf(this.#processes());
    const rows = listenersAt(this.#tables, this.#target, holders);
    const own = rows.filter(
      ({ processes, inode }) =>
        processes.length > 0 || (this.#holders === 'hidden' && this.#first.has(inode)),
    );
    const connections = detail === 'short' ? new Map<number, number>() : this.#connections(holders);
    const processes = uniqueHolders(own.flatMap(({ processes }) => processes));
    return {
      processes: processes.map(({ pid, name }) => ({
        ...{ pid, name, command: commandLineOf(pid) },
        startedMs: this.#startedMs(pid),
        connections: connections.get(pid) ?? 0,
      })),
      inodes: own.flatMap(({ inode }) => inode ?? []),
    };
  }

  #connections(holders: ReturnType<typeof socketsOf>): Map<number, number> {
    if (this.#target.kind === 'unix') return new Map();
    const open = socketsOnPort(this.#tables.diag, this.#target.port, holders).filter(
      ({ state }) => state === 'ESTABLISHED',
    );
    const pids = open.flatMap(({ processes }) => processes.map(({ pid }) => pid));
    return new Map([...groupBy(pids, (pid) => pid)].map(([pid, all]) => [pid, all.length]));
  }

  #startedMs(pid: number): number | null {
    const ticks = startTicksOf(pid);
    const uptime = Number(textOf('/proc/uptime').split(' ')[0]);
    if (ticks === undefined || !Number.isFinite(uptime)) return null;
    const ageMs = uptime * 1000 - ticks * msPerTick;
    return Math.round(monotonicMs() - this.#since - ageMs);
  }
}
