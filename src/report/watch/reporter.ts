import type { WatchDocument } from '../documents/watch.ts';

/** Shows what happens while a port is watched. */
export interface WatchReporter {
  /** Takes what one look has brought. false: the output is full, and wants to be drained first. */
  on(events: readonly WatchDocument[]): boolean;
  /** Whether a table that says nothing new is wanted all the same. */
  readonly wantsTable: boolean;
}
