import { socketsOf } from '../observe/proc/holders.ts';
import { executableOf } from '../observe/proc/status.ts';
import { commandLineOf, descendantsOf, type Process } from '../observe/processes.ts';
import { Generation } from './lineage.ts';
import { listenersOn, listeningAmong, type Tables, unixListeners } from './listening.ts';
import type { Target } from './target.ts';
import type { Inheritance, Survivor } from './trial.ts';

interface Member extends Process {
  readonly executable: string | undefined;
  readonly listens: boolean;
}

/** The server's processes before the signal, by which its leftovers are recognised later. */
export class OldServer {
  readonly #members: ReadonlyMap<number, Member>;
  readonly #generation: Generation;
  readonly #target: Target;
  /** The addresses on which it listened, or its path. */
  readonly places: readonly string[];

  constructor(tables: Tables, target: Target, supervisorPid: number) {
    const processes = descendantsOf(supervisorPid);
    const listening = listeningAmong(tables, target, processes);
    this.places = placesOf(tables, target, processes);
    this.#target = target;
    this.#generation = new Generation(processes);
    this.#members = new Map(
      processes.map((process) => [
        process.pid,
        { ...process, executable: executableOf(process.pid), listens: listening.has(process.pid) },
      ]),
    );
  }

  listens(pid: number): boolean {
    return this.#members.get(pid)?.listens ?? false;
  }

  /** The processes that are left of it, and those that they have started since then. */
  survivors(tables: Tables, left: readonly Process[]): Survivor[] {
    const listening = listeningAmong(tables, this.#target, left);
    return left.map(({ pid, parent, name }) => ({
      pid,
      parent: this.#generation.has(pid) ? (this.#members.get(pid)?.parent ?? parent) : parent,
      name,
      command: commandLineOf(pid),
      listener: listening.has(pid) ? this.#inheritance(pid) : null,
    }));
  }

  /** The processes among these that have the server's listener now. */
  listening(tables: Tables, processes: readonly { readonly pid: number }[]): number[] {
    return [...listeningAmong(tables, this.#target, processes)];
  }

  #inheritance(pid: number): Inheritance {
    const others = [...this.#members.values()].filter((member) => member.listens && member.pid !== pid);
    const program = executableOf(pid);
    if (others.length === 0) return 'own';
    return others.some(({ executable }) => executable === program) ? 'shared' : 'inherited';
  }
}

function placesOf(tables: Tables, target: Target, processes: readonly { readonly pid: number }[]): string[] {
  const holders = socketsOf(processes);
  if (target.kind === 'unix')
    return unixListeners(tables, holders).some(({ inode }) => inode === target.inode) ? [target.path] : [];
  const own = listenersOn(tables, target.port, holders).filter(({ processes }) => processes.length > 0);
  return [...new Set(own.map(({ local }) => local.address))];
}
