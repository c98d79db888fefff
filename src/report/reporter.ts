import type { Event } from '../events.ts';

/** Turns events into something to look at or to keep. */
export interface Reporter {
  on(event: Event): void;
}

/** Where a reporter writes. */
export interface Output {
  write(text: string): void;
}
