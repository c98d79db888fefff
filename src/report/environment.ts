import type { Environment } from '../events.ts';
import { labelOf } from '../observe/observers.ts';

/** `Linux 6.18.44 · Node 20.20.2 · ss (iproute2-6.1.0)`; behind launchers, that of each host, with its role and name. */
export function describeEnvironment({ hosts = [], ...environment }: Environment): string {
  if (hosts.length === 0) return describeHost(environment);
  return hosts.map((host) => `${host.role} (${host.name}): ${describeHost(host)}`).join('; ');
}

function describeHost({ kernel, node, observer, observerVersion }: Omit<Environment, 'hosts'>): string {
  const way = observerVersion === null ? labelOf(observer) : `${observer} (${observerVersion})`;
  return `Linux ${kernel} · Node ${node} · ${way}`;
}
