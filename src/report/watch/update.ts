import type { WatchDocument } from '../documents/watch.ts';

/** The result of one look. */
export interface WatchUpdate {
  readonly documents: readonly WatchDocument[];
  /** `none`: the table differs only by the time that has passed. */
  readonly news: 'some' | 'none';
}
