import type { LoadAccount } from './load/account.ts';

/**
 * The time in milliseconds from the signal until the server was seen to serve again: until a client of tcpclose was accepted, or, under
 * load, until a request was answered, if that was earlier. Requests come more often than tcpclose tries by itself.
 */
export function outageOf(
  acceptedAt: number,
  load: Pick<LoadAccount, 'moments'> | null,
  signalAt: number,
): number {
  return Math.min(acceptedAt, load?.moments.answers ?? acceptedAt) - signalAt;
}
