import { TcpcloseError } from '../errors.ts';
import { shorten } from '../shorten.ts';
import type { Observer, Reading } from './observer.ts';
import type { UnreadLine } from './row.ts';

/** Opens the next way to look, or returns null if none is left. */
export type OpenNext = (signal?: AbortSignal) => Promise<Observer | null>;

/**
 * Uses one way to look until it prints a line that cannot be read, then the next way. A process name with a newline is enough to break a
 * table of ss or netstat, while /proc/net/tcp contains no names.
 */
export class SteadyObserver implements Observer {
  #current: Observer;
  readonly #openNext: OpenNext;

  constructor(first: Observer, openNext: OpenNext) {
    this.#current = first;
    this.#openNext = openNext;
  }

  get name(): string {
    return this.#current.name;
  }

  get label(): string {
    return this.#current.label;
  }

  get version(): Observer['version'] {
    return this.#current.version;
  }

  command(ports: readonly number[]): string {
    return this.#current.command(ports);
  }

  /**
   * @throws TcpcloseError `unreadable-table` if no way returns a table in which every line can be read; `observer-failed`, and the errors
   * of the program itself
   */
  async read(ports: readonly number[], signal?: AbortSignal): Promise<Reading> {
    for (;;) {
      const failure = await this.#tryRead(ports, signal);
      if (!(failure instanceof TcpcloseError)) return failure;
      const next = await this.#openNext(signal);
      if (next === null) throw failure;
      this.#current = next;
    }
  }

  async #tryRead(ports: readonly number[], signal?: AbortSignal): Promise<Reading | TcpcloseError> {
    try {
      const reading = await this.#current.read(ports, signal);
      const [line] = reading.unread;
      return line === undefined ? reading : unreadable(this.#current, ports, line);
    } catch (error) {
      if (error instanceof TcpcloseError) return error;
      throw error;
    }
  }
}

const longestLine = 61;

function unreadable(
  observer: Observer,
  ports: readonly number[],
  { line, reason }: UnreadLine,
): TcpcloseError {
  return new TcpcloseError(
    'unreadable-table',
    `${observer.name} printed output that cannot be parsed ("${shorten(line, longestLine)}": ${reason}), so who has the port is not known: look with "${observer.command(ports)}", or run tcpclose where the port is`,
  );
}
