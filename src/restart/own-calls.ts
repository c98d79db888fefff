import type { Call } from '../supervisor/calls/call.ts';
import type { Target } from './target.ts';

/** The results of the second start's own calls on the server's address, as far as they were watched. */
export type OwnBind =
  /** The calls were not watched, or were made by processes that are not below the command. */
  | { readonly state: 'not known' }
  /** It did not bind that address; `elsewhere` lists the binds that it made. */
  | { readonly state: 'never called'; readonly elsewhere: readonly Call[] }
  /** The last bind or listen there, and the last that got EADDRINUSE: a start may retry after a refusal. */
  | { readonly state: 'called'; readonly last: Call; readonly refused: Call | undefined };

/** @param first the calls of the first start, which listened there: if they do not show that, the calls of the second start prove nothing */
export function ownBind(target: Target, first: readonly Call[], second: readonly Call[]): OwnBind {
  if (callsAt(target, first).length === 0) return { state: 'not known' };
  const calls = callsAt(target, second);
  const last = calls.at(-1);
  if (last === undefined)
    return { state: 'never called', elsewhere: second.filter(({ call }) => call === 'bind') };
  return { state: 'called', last, refused: calls.findLast(({ result }) => result === 'EADDRINUSE') };
}

/** Whether SO_REUSEADDR was off at the bind of a listener that had it later; undefined if that was not seen. */
export function reuseAddressAtBind(target: Target, calls: readonly Call[]): boolean | undefined {
  return callsAt(target, calls).findLast(({ call }) => call === 'bind')?.options?.reuseAddress;
}

/** The calls that make listeners: on TCP and Unix sockets. */
export function ofListeners(calls: readonly Call[]): Call[] {
  return calls.filter(({ type, family }) => type === 'stream' || family === 'Unix');
}

/** The calls for streams in this network at the target's port or path. */
export function callsAt(target: Target, calls: readonly Call[]): Call[] {
  return calls.filter(({ type, network, family, port, path }) => {
    if (type !== 'stream' || network === 'other') return false;
    if (target.kind === 'unix') return family === 'Unix' && path === target.path;
    return family !== 'Unix' && port === target.port;
  });
}
