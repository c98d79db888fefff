import * as v from 'valibot';
import { type DocumentOf, schemaVersion } from './parts.ts';

/** What `tcpclose init --json` prints. */
export const initDocument = v.object({
  schemaVersion,
  written: v.pipe(v.array(v.string()), v.description('new files, by their path from the current folder')),
  kept: v.pipe(v.array(v.string()), v.description('files that already existed, and are unchanged')),
});

export type InitDocument = DocumentOf<typeof initDocument>;
