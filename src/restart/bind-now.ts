import type { Endpoint } from '../address.ts';
import { tryBinding } from '../native/binding.ts';
import type { Observation } from './trial.ts';

/** The result of a bind now: `ok` or errno. */
export function bindNow({ address: host, port }: Endpoint, reuseAddress: 'on' | 'off'): string {
  return tryBinding({ host, reuseAddress, reusePort: 'off' }, port, 'not').bind;
}

/** The same on the address of the old listener, without and with SO_REUSEADDR; null for a Unix socket. */
export function probe(target: Observation['target']): Observation['probe'] {
  if ('path' in target) return null;
  return { withoutReuseAddress: bindNow(target, 'off'), withReuseAddress: bindNow(target, 'on') };
}
