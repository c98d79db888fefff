import type { RestartDocument } from '../documents/restart.ts';

type Run = RestartDocument['runs'][number];

/** `SIGTERM, the clients stay connected`. */
export function titleOf({ signal, clients, order, load }: Run): string {
  if (load !== null) return `${signal}, under load`;
  if (order === 'client-first') return `${signal}, the clients close first`;
  return `${signal}, the clients ${clients === 'stay' ? 'stay connected' : 'close after it'}`;
}

/** The end of what the second start printed. */
export function outputOf({ evidence }: Run): string {
  return (evidence?.secondStart?.output ?? '').trimEnd();
}

/** On what the verdict, and the choice of the listener, rests: the calls of the command itself, or the kernel's state alone. */
export function watchingOf({ watching, target }: Run): string {
  if (watching.state === 'on') {
    const unseen = target?.seenBy === 'table' ? "; this listener is known by the kernel's table alone" : '';
    return `its bind() and listen() were watched${unseen}`;
  }
  return `not watched: ${watching.reason}. The verdict rests on the kernel's state.`;
}
