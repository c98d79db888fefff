import type { LoadAccount } from './load/account.ts';

/**
 * From the signal until the server was seen to serve again, in milliseconds: when a client of tcpclose was accepted, or, under load, when a
 * request was answered, if that was earlier, because requests come more often than tcpclose tries by itself.
 */
export function outageOf(
  acceptedAt: number,
  load: Pick<LoadAccount, 'moments'> | null,
  signalAt: number,
): number {
  return Math.min(acceptedAt, load?.moments.answers ?? acceptedAt) - signalAt;
}
