import type { RestartDocument } from '../documents/restart.ts';

type Run = RestartDocument['runs'][number];

/** `SIGTERM, the clients stay connected`. */
export function titleOf({ signal, clients, order }: Run): string {
  if (order === 'client-first') return `${signal}, the clients close first`;
  return `${signal}, the clients ${clients === 'stay' ? 'stay connected' : 'close after it'}`;
}

/** The end of what the second start printed, without what would act on a terminal. */
export function outputOf({ evidence }: Run): string {
  return plain(evidence?.secondStart?.output ?? '').trimEnd();
}

/** A text without escape sequences and control characters. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]/g, '');
}
