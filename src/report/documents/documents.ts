import { listDocument } from './list.ts';
import { runDocument } from './run.ts';

/** The documents that commands print with --json, by the command's name. */
export const documents = { demo: runDocument, list: listDocument } as const;
