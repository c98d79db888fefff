import { many } from '../../many.ts';
import { columnsOf, rowsOf } from '../columns.ts';
import type { WatchDocument } from '../documents/watch.ts';
import type { Paint } from '../paint.ts';
import type { Output, Reporter } from '../reporter.ts';
import { cut } from '../width.ts';
import { type TableDocument, transitionLines, watchLines } from './lines.ts';
import type { WatchUpdate } from './update.ts';

/** The terminal that is drawn on. */
interface Screen extends Output {
  readonly columns: number;
  readonly rows: number;
}

const redrawMs = 1000;

/**
 * Transitions scroll by, and below them a table is redrawn in place. The terminal stays in its normal mode and the cursor stays visible:
 * nothing has to be restored, even when the program is killed.
 */
export class TerminalWatch implements Reporter<WatchUpdate> {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #forMs: number | undefined;
  #port: number | null = null;
  #drawn = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #table: TableDocument | undefined;
  #seen = 0;

  /** @param forMs how long to watch; undefined without a limit */
  constructor(screen: Screen, paint: Paint, forMs: number | undefined) {
    this.#screen = screen;
    this.#paint = paint;
    this.#forMs = forMs;
  }

  onEvent({ documents: events, news }: WatchUpdate): void {
    this.#table = events.findLast((event) => event.type === 'table') ?? this.#table;
    // The time left counts down even when nothing happens.
    if (news === 'none' && performance.now() - this.#drawnAt < redrawMs) return;
    const transitions = events.filter((event) => event.type === 'transition');
    this.#seen += transitions.length;
    for (const event of events) {
      if (event.type === 'started') this.#port = event.port;
    }
    const last = events.at(-1);
    if (last?.type === 'finished') this.#draw([], last.atMs, this.#summary(last));
    else if (last !== undefined) this.#draw(transitionLines(transitions, this.#paint), last.atMs, '');
  }

  #draw(above: readonly string[], atMs: number, below: string): void {
    this.#drawnAt = performance.now();
    const width = columnsOf(this.#screen);
    const table = [
      ...watchLines(this.#port, atMs, this.#table, this.#paint, this.#forMs),
      ...(below === '' ? [] : [below]),
    ].slice(0, Math.max(1, rowsOf(this.#screen) - 2));
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.#drawn = table.length;
    // A longer line would wrap, and would remain when the table is redrawn.
    const lines = [...above, ...table].map((line) => `${cut(line, width)}\n`);
    this.#screen.write(`${up}\r\u001b[J${lines.join('')}`);
  }

  #summary({ reason }: Extract<WatchDocument, { type: 'finished' }>): string {
    const why = { until: 'the condition holds', for: 'the time is up', interrupted: 'interrupted' }[reason];
    return `${why}; ${many(this.#seen, 'transition')} seen`;
  }
}
