import { UsageError } from '../errors.ts';
import { merge as make } from '../merge/merge.ts';
import { type MergeDocument, mergeDocumentOf } from '../report/documents/merge.ts';
import { requireTexts } from './command.ts';
import { type Following, signalOf } from './following.ts';

export interface MergeOptions extends Following<MergeEvent> {
  /** Name hosts after their files, for example containers that all have the same name. */
  readonly byFile?: boolean | undefined;
}

/** A document was read or could not be: the number so far, its file, and the number of files. */
export interface MergeEvent {
  readonly type: 'read';
  readonly documents: number;
  /** Counts from 1. */
  readonly file: number;
  readonly of: number;
}

export async function merge(files: readonly string[], options: MergeOptions = {}): Promise<MergeDocument> {
  requireTexts(files, 'the files', 'audit.json');
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
