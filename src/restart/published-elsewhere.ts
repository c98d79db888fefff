/** Containers that a daemon runs for a client such as `docker compose up`. Neither they nor their publishers are below the command. */
import { TcpcloseError } from '../errors.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { commandLineOf, folderOf, type Process, wordsOf } from '../observe/processes.ts';
import { isClientOfDaemon, publisherIn } from '../observe/publisher.ts';
import { listeners } from '../observe/sock-diag/table.ts';
import { textOf } from '../proc-files.ts';
import type { Before, Tables } from './listening.ts';

interface Published {
  readonly inode: number;
  readonly port: number;
  readonly by: string;
}

/** Engines' listeners that appeared after the command was started, if it contains a client of a daemon. */
export class PublishedElsewhere {
  readonly #tables: Tables;
  readonly #before: Before;
  /** Each new listener of the machine is looked up once. */
  readonly #known = new Map<number, Published | null>();

  constructor(tables: Tables, before: Before) {
    this.#tables = tables;
    this.#before = before;
  }

  look(processes: readonly Process[]): Published[] {
    const rows = listeners(this.#tables.diag).filter(({ inode }) => !this.#before.has(inode ?? 0));
    if (rows.length === 0 || clientOfDaemon(processes) === undefined) return [];
    const unknown = new Set(rows.map(({ inode }) => inode ?? 0).filter((inode) => !this.#known.has(inode)));
    const { byInode } =
      unknown.size === 0 ? { byInode: new Map() } : findHolders((inode) => unknown.has(inode));
    return rows.flatMap(({ inode, local }) => {
      const key = inode ?? 0;
      const published = this.#known.get(key) ?? publishedBy(key, local.port, byInode.get(key) ?? []);
      this.#known.set(key, published);
      return published ?? [];
    });
  }

  /** Another container of the daemon may have been started at the same time, so the user must confirm the port. */
  error(published: readonly Published[]): TcpcloseError {
    const ports = [...new Map(published.map((one) => [one.port, one])).values()];
    const list = ports.map(({ port, by }) => `port ${port} (${by})`).join(', ');
    const options = ports.map(({ port }) => `--port ${port}`).join(' or ');
    return new TcpcloseError(
      'not-seen',
      `the command lets a daemon run its containers, and since then the daemon publishes ${list}: give ${options}`,
    );
  }
}

/** The command line of the daemon's client; undefined if none is running. */
export function clientOfDaemon(processes: readonly Process[]): string | undefined {
  const client = processes.find(({ pid }) => isClientOfDaemon(wordsOf(textOf(`${folderOf(pid)}/cmdline`))));
  return client === undefined ? undefined : commandLineOf(client.pid);
}

/** The error if no new listener was seen: the daemon may publish by rules alone, or be on another machine. */
export function neverPublished(client: string): TcpcloseError {
  return new TcpcloseError(
    'not-seen',
    `the command (${client}) lets a daemon run its containers, and no new listener of the daemon was seen: start the server itself, or podman run --rm -p, which keeps the container below the command`,
  );
}

function publishedBy(
  inode: number,
  port: number,
  holders: readonly { readonly pid: number; readonly name: string }[],
): Published | null {
  const holder = holders.find(({ pid }) => publisherIn(`${commandLineOf(pid)} `) !== null);
  return holder === undefined ? null : { inode, port, by: `${holder.name}, pid ${holder.pid}` };
}
