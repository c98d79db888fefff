import { UsageError } from '../errors.ts';
import { merge as make } from '../merge/merge.ts';
import { type MergeDocument, mergeDocumentOf } from '../report/documents/merge.ts';
import { type Following, signalOf } from './following.ts';

export interface MergeOptions extends Following<MergeEvent> {
  /** Name hosts by their files, as for containers that all have one name. */
  readonly byFile?: boolean | undefined;
}

/** A document was read, or could not be: how many so far, of which file, and how many files there are. */
export interface MergeEvent {
  readonly type: 'read';
  readonly documents: number;
  /** Counts from 1. */
  readonly file: number;
  readonly of: number;
}

/**
 * @param files what `audit` and `claims` returned, as JSON: one document a file, or one a line
 * @throws TcpcloseError `nothing-to-merge`; the reason of the signal if it aborts
 */
export async function merge(files: readonly string[], options: MergeOptions = {}): Promise<MergeDocument> {
  const { byFile, onEvent } = options;
  const merged = await make(files, byFile ? 'name of file' : 'own name', signalOf(options), (event) =>
    onEvent?.({ type: 'read', ...event, of: files.length }),
  );
  const { fleet, unread } = merged;
  if (fleet.audits + fleet.ledgers > 0) return mergeDocumentOf(merged);
  const [none] = unread.first;
  const why = none === undefined ? 'the files are empty' : `${none.from}: ${none.reason}`;
  throw new UsageError('nothing-to-merge', `no document to merge: ${why}`);
}
