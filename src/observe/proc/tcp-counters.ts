import { closeSync, openSync, readSync } from 'node:fs';

const files = ['/proc/net/snmp', '/proc/net/sockstat', '/proc/net/sockstat6'];

/**
 * The kernel's TCP counters: segments in and out, sockets in use, in TIME_WAIT and orphaned. As long as they stay the same, no connection
 * has changed its state. Reading them takes a tenth of the time for the table of connections.
 */
export class TcpCounters {
  readonly #descriptors = files.flatMap(opened);
  readonly #buffer = Buffer.alloc(8192);
  #last = '';

  /** Whether they differ from those of the last call; always true if they cannot be read. */
  moved(): boolean {
    const now = this.#descriptors.map((fd) => this.#read(fd)).join('\n');
    const moved = now === '' || now !== this.#last;
    this.#last = now;
    return moved;
  }

  close(): void {
    for (const fd of this.#descriptors) closeSync(fd);
  }

  // Counters of IP and UDP change with all other traffic of the machine.
  #read(fd: number): string {
    const text = this.#buffer.toString('latin1', 0, readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
    return (text.match(/^TCP6?: .*$/gim) ?? []).join('\n');
  }
}

function opened(path: string): number[] {
  try {
    return [openSync(path, 'r')];
  } catch {
    return [];
  }
}
