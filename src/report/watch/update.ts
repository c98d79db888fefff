import type { WatchDocument } from '../documents/watch.ts';

/** What one look has brought. */
export interface WatchUpdate {
  readonly documents: readonly WatchDocument[];
  /** `none`: a table that differs only by the time that has gone by. */
  readonly news: 'some' | 'none';
}
