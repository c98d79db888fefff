import type { Call } from './call.ts';

/** What the supervisor's main thread says to the one that answers, each after it has woken it. */
export type Request =
  /** The descriptor by which calls are announced. */
  | { readonly request: 'answer'; readonly fd: number }
  /** Tell when the results of all calls until now are known. */
  | { readonly request: 'settle'; readonly id: number };

export type Message =
  | { readonly message: 'up' }
  /** A call as it is known now; it comes again when its result is. */
  | { readonly message: 'call'; readonly call: Call; readonly session: number }
  | { readonly message: 'settled'; readonly id: number }
  /** A program is about to be executed that would have other rights if nobody watched: it is not let go. */
  | { readonly message: 'disturbs'; readonly program: string };
