import type { RestartDocument } from '../documents/restart.ts';

type Run = RestartDocument['runs'][number];

/** `SIGTERM, the clients stay connected`. */
export function titleOf({ signal, clients, order }: Run): string {
  if (order === 'client-first') return `${signal}, the clients close first`;
  return `${signal}, the clients ${clients === 'stay' ? 'stay connected' : 'close after it'}`;
}

/** The end of what the second start printed. */
export function outputOf({ evidence }: Run): string {
  return (evidence?.secondStart?.output ?? '').trimEnd();
}
