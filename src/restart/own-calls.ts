import type { Call } from '../supervisor/calls/call.ts';
import type { Target } from './target.ts';

/** What the second start's own calls got where the server listens, as far as they were watched. */
export type OwnBind =
  /** Nobody watched, or the server's calls are made by processes that are not below the command. */
  | { readonly state: 'not known' }
  /** Not there; and what it did bind. */
  | { readonly state: 'never called'; readonly elsewhere: readonly Call[] }
  /** The last bind or listen there, and the last that got EADDRINUSE: a start that was refused may try again, and end all the same. */
  | { readonly state: 'called'; readonly last: Call; readonly refused: Call | undefined };

/** @param first the calls of the first start, which did listen there: where they do not show it, the second one's say nothing */
export function ownBind(target: Target, first: readonly Call[], second: readonly Call[]): OwnBind {
  if (callsAt(target, first).length === 0) return { state: 'not known' };
  const calls = callsAt(target, second);
  const last = calls.at(-1);
  if (last === undefined)
    return { state: 'never called', elsewhere: second.filter(({ call }) => call === 'bind') };
  return { state: 'called', last, refused: calls.findLast(({ result }) => result === 'EADDRINUSE') };
}

/** Whether SO_REUSEADDR was off at the bind of a listener that had it later; undefined where that was not seen. */
export function reuseAddressAtBind(target: Target, calls: readonly Call[]): boolean | undefined {
  return callsAt(target, calls).findLast(({ call }) => call === 'bind')?.options?.reuseAddress;
}

/** Those that make listeners: of TCP and Unix sockets. */
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
