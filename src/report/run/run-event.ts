import type { RunCommandDocument } from '../documents/run-command.ts';

/** What `run` reports while the command runs. */
export type RunEvent =
  | { readonly type: 'bind failed'; readonly failure: RunCommandDocument['failures'][number] }
  /** No bind is watched, or only those of Node programs. */
  | { readonly type: 'not watched' | 'only Node watched'; readonly reason: string }
  /** A program below runs without the privileges that it would have had. */
  | { readonly type: 'without privileges'; readonly reason: string };
