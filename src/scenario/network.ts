import { UsageError } from '../errors.ts';
import type { Network } from '../lab/hosts/topology.ts';
import type { Need } from './needs.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';

const ownNetwork: readonly Need[] = ['namespace', 'packets', 'two hosts'];

/**
 * The least that serves: this machine's own network, unless the scenario needs one of its own, or the run wants it.
 * @throws UsageError `needs-own-network` behind launchers
 */
export function networkFor(scenario: Scenario, { network, record }: RunOptions): Network {
  const why = whyOwnNetwork(scenario, record);
  if (typeof network === 'object' && why !== null)
    throw new UsageError('needs-own-network', `${why}: it does not run behind a launcher`);
  if (scenario.needs.includes('two hosts') || network === 'two hosts') return 'two hosts';
  return why === null ? network : 'own';
}

/** Why a run of a scenario must have a network of its own; null if it need not. */
export function whyOwnNetwork({ needs }: Scenario, record: RunOptions['record']): string | null {
  const own = needs.find((need) => ownNetwork.includes(need));
  if (own === undefined && (record === undefined || record === 'nothing')) return null;
  const what = own === undefined ? 'what is captured' : `a scenario that needs a network of its own (${own})`;
  return `${what} stays in a network that is made for it`;
}
