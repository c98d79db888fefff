import { type Harmless, harmless } from '../foreign.ts';
import { Fleet } from './fleet.ts';
import { fileName, readSaved } from './saved.ts';

export interface Unread {
  readonly from: Harmless;
  readonly reason: Harmless;
}

export interface Merged {
  readonly fleet: Fleet;
  /** What could not be read: the number of failures, and the first of them. */
  readonly unread: { readonly count: number; readonly first: readonly Unread[] };
}

const namedFiles = 20;

/**
 * Makes one report of the documents of many hosts, one document at a time.
 * @param hosts how to name a host: by its own name, or by that of its file
 */
export async function merge(
  paths: Iterable<string>,
  hosts: 'own name' | 'name of file',
  signal: AbortSignal,
  tell: (read: { readonly documents: number; readonly file: number }) => void,
): Promise<Merged> {
  const fleet = new Fleet();
  const first: Unread[] = [];
  let count = 0;
  let [documents, file] = [0, 0];
  for (const path of paths) {
    file += 1;
    for await (const read of readSaved(path)) {
      signal.throwIfAborted();
      documents += 1;
      tell({ documents, file });
      if ('reason' in read) {
        count += 1;
        if (first.length < namedFiles) first.push(read);
        continue;
      }
      const { document, from } = read;
      fleet.add(document, harmless(hosts === 'own name' ? document.machine.host : fileName(from)));
    }
  }
  return { fleet, unread: { count, first } };
}
