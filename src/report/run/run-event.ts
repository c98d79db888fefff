import type { RunCommandDocument } from '../documents/run-command.ts';

/** What `run` reports while the command runs. */
export type RunEvent =
  | { readonly type: 'bind failed'; readonly failure: RunCommandDocument['failures'][number] }
  /** No bind is watched, or only those of Node programs. */
  | { readonly type: 'not watched' | 'only Node watched'; readonly reason: string }
  /** A program that the command started runs without the privileges that it would otherwise have. */
  | { readonly type: 'without privileges'; readonly reason: string };
