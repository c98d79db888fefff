import { formatSpan } from '../../time.ts';
import type { WatchDocument } from '../documents/watch.ts';
import type { Paint } from '../paint.ts';
import { type TableRow, tableLines, transitionLines } from './lines.ts';
import type { WatchReporter } from './reporter.ts';

interface Sink {
  write(text: string): boolean;
}

/** `--json`: one event a line. */
export class NdjsonWatch implements WatchReporter {
  readonly wantsTable = false;
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  on(events: readonly WatchDocument[]): boolean {
    return this.#sink.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }
}

/** Where there is no terminal: the table at the start and at the end, and the transitions between. */
export class TextWatch implements WatchReporter {
  readonly wantsTable = false;
  readonly #sink: Sink;
  readonly #paint: Paint;
  #port = 0;
  #tables = 0;
  #rows: readonly TableRow[] = [];

  constructor(sink: Sink, paint: Paint) {
    this.#sink = sink;
    this.#paint = paint;
  }

  on(events: readonly WatchDocument[]): boolean {
    const lines = transitionLines(
      events.filter((event) => event.type === 'transition'),
      this.#paint,
    );
    for (const event of events) {
      if (event.type === 'started') this.#port = event.port;
      if (event.type === 'finished') lines.push(...this.#table(event.atMs));
      if (event.type !== 'table') continue;
      this.#rows = event.rows;
      if (this.#tables++ === 0) lines.push(...this.#table(event.atMs));
    }
    return lines.length === 0 || this.#sink.write(lines.map((line) => `${line}\n`).join(''));
  }

  #table(atMs: number): string[] {
    return [`port ${this.#port}   watched for ${formatSpan(atMs)}`, ...tableLines(this.#rows, this.#paint)];
  }
}
