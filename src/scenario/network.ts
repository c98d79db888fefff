import { isIPv6 } from 'node:net';
import { UsageError } from '../errors.ts';
import type { Network } from '../lab/hosts/topology.ts';
import type { Need } from './needs.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';

const ownNetwork: readonly Need[] = ['namespace', 'packets', 'two hosts'];

type Placed = Pick<RunOptions, 'network' | 'record' | 'address'>;

/**
 * The smallest sufficient network: this machine's own, unless the scenario needs a separate one, or the run requests it.
 * @throws UsageError `needs-own-network` behind launchers
 */
export function networkFor(scenario: Scenario, options: Placed): Network {
  const { network, record } = options;
  const elsewhere = whyNotElsewhere(scenario, options);
  if (elsewhere !== null) throw new UsageError('needs-own-network', elsewhere);
  const why = whyOwnNetwork(scenario, record);
  if (scenario.needs.includes('two hosts') || network === 'two hosts') return 'two hosts';
  return why === null ? network : 'own';
}

/** Why it cannot run on the hosts that the options name; null if it can, or if they name none. */
export function whyNotElsewhere(scenario: Scenario, { network, record, address }: Placed): string | null {
  if (typeof network !== 'object') return null;
  const why = whyOwnNetwork(scenario, record);
  if (why !== null) return `${why}: it does not run behind a launcher`;
  if (scenario.needs.includes('core dump'))
    return 'a core dump is looked for in a folder of this machine: it does not run behind a launcher';
  if (scenario.needs.includes('IPv6') && !isIPv6(address))
    return `it needs IPv6, and ${address} is IPv4: give --host an IPv6 address of the server`;
  return null;
}

/** Why a run of a scenario must have a separate network; null if it need not. */
export function whyOwnNetwork({ needs }: Scenario, record: RunOptions['record']): string | null {
  const own = needs.find((need) => ownNetwork.includes(need));
  if (own === undefined && (record === undefined || record === 'nothing')) return null;
  const what = own === undefined ? 'what is captured' : `a scenario that needs a network of its own (${own})`;
  return `${what} stays in a network that is made for it`;
}
