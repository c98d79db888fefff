import type { Call } from './call.ts';
import type { Witness } from './witnesses.ts';

/** Messages of the supervisor's main thread to the answering one, which it wakes first. */
export type Request =
  /** The descriptor that announces calls. */
  | { readonly request: 'answer'; readonly fd: number }
  /** Requests a reply once the results of all calls so far are known. */
  | { readonly request: 'settle'; readonly id: number };

export type Message =
  | { readonly message: 'up' }
  /** A call as known now; it is sent again when its result is known. */
  | { readonly message: 'call'; readonly call: Call; readonly session: number }
  /** For a call that will fail because of the port, before its thread continues: its process, and those that hold the port. */
  | { readonly message: 'witnesses'; readonly number: number; readonly witnesses: readonly Witness[] }
  | { readonly message: 'settled'; readonly id: number }
  /**
   * A program is about to be executed that would have other privileges without the watch. Its call continues only if that was chosen; then
   * the program runs without them.
   */
  | { readonly message: 'disturbs'; readonly program: string };
