import type { RunCommandDocument } from '../documents/run-command.ts';

/** What `run` says while the command runs. */
export type RunEvent =
  | { readonly type: 'bind failed'; readonly failure: RunCommandDocument['failures'][number] }
  /** No bind is watched. */
  | { readonly type: 'not watched'; readonly reason: string }
  /** A program below runs without the privileges that it would have had. */
  | { readonly type: 'without privileges'; readonly reason: string };
