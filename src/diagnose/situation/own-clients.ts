import { isLoopback } from '../../address.ts';
import type { Holder } from '../diagnosis.ts';

/** Whether clients have connected to their own machine. */
export function isOnThisMachine({ addresses, remotes }: Pick<Holder, 'addresses' | 'remotes'>): boolean {
  return remotes.every(({ address }) => isLoopback(address) || addresses.includes(address));
}
