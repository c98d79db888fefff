import { formatSpan } from '../../time.ts';
import type { Paint } from '../paint.ts';
import { type Output, type Reporter, writeLines } from '../reporter.ts';
import { type TableRow, tableLines, transitionLines, type WatchUpdate } from './lines.ts';

/** Where there is no terminal: the table at the start and at the end, and the transitions between. */
export class TextWatch implements Reporter<WatchUpdate> {
  readonly #output: Output;
  readonly #paint: Paint;
  #port = 0;
  #tables = 0;
  #rows: readonly TableRow[] = [];

  constructor(output: Output, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
  }

  onEvent({ documents: events, news }: WatchUpdate): void {
    if (news === 'none') return;
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
    writeLines(this.#output, lines);
  }

  #table(atMs: number): string[] {
    return [`port ${this.#port}   watched for ${formatSpan(atMs)}`, ...tableLines(this.#rows, this.#paint)];
  }
}
