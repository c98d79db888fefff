import type { Environment } from '../events.ts';
import { labelOf } from '../observe/observers.ts';

/** `Linux 6.18.44 · Node 20.20.2 · ss (iproute2-6.1.0)`. */
export function describeEnvironment({ kernel, node, observer, observerVersion }: Environment): string {
  const way = observerVersion === null ? labelOf(observer) : `${observer} (${observerVersion})`;
  return `Linux ${kernel} · Node ${node} · ${way}`;
}
