import { reportAtEnd } from '../ci.ts';
import type { WatchDocument } from '../documents/watch.ts';
import type { Reporter } from '../reporter.ts';
import { type WatchResult, watchCases } from './cases.ts';
import type { TableDocument } from './lines.ts';
import { Kept } from './thinned.ts';
import type { WatchUpdate } from './update.ts';

/** Keeps the result of a watch, and reports it at the end. */
export class Outcome {
  readonly #port: number | null;
  readonly #until: string | null;
  #last: TableDocument | undefined;
  #end: WatchResult['end'] | undefined;
  readonly #kept = new Kept();

  constructor(port: number | null, until: string | null) {
    this.#port = port;
    this.#until = until;
  }

  see(document: WatchDocument): void {
    this.#kept.add(document);
    if (document.type === 'table') this.#last = document;
    if (document.type === 'finished') this.#end = document;
  }

  report(reporter: Required<Reporter<WatchUpdate>>): void {
    if (this.#end === undefined) return;
    const lines = this.#kept.lines(this.#last);
    const result = { port: this.#port, until: this.#until, last: this.#last, lines, end: this.#end };
    reportAtEnd(reporter as Required<Reporter<never>>, result, {
      cases: watchCases(result),
      lines: [],
      durationMs: this.#end.atMs,
      summary: null,
    });
  }
}
