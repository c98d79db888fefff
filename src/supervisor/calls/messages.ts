import type { Call } from './call.ts';

/** Messages of the supervisor's main thread to the answering one, which it wakes first. */
export type Request =
  /** The descriptor that announces calls. */
  | { readonly request: 'answer'; readonly fd: number }
  /** Asks for a reply when the results of all calls so far are known. */
  | { readonly request: 'settle'; readonly id: number };

export type Message =
  | { readonly message: 'up' }
  /** A call as it is known now; it is sent again when its result is known. */
  | { readonly message: 'call'; readonly call: Call; readonly session: number }
  | { readonly message: 'settled'; readonly id: number }
  /** A program is about to be executed that would have other privileges if it were not watched: the call is not continued. */
  | { readonly message: 'disturbs'; readonly program: string };
