import { type Endpoint, formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';

/** Makes the kernel drop only one connection: the filter names both ends. */
export function dropStep([oldest]: readonly Socket[], facts: Facts): Step[] {
  if (oldest === undefined) return [];
  const { local, remote, family } = oldest;
  const words = ['ss', '-tK', 'src', end(local, family), 'dst', end(remote, family)];
  return [step('have the kernel drop the oldest now', facts.shell.command('root', words))];
}

// ss finds an IPv4 connection of an IPv6 socket only by the mapped address.
function end({ address, port }: Endpoint, family: Socket['family']): string {
  const mapped = family === 'IPv6' && !address.includes(':');
  return formatEndpoint({ address: mapped ? `::ffff:${address}` : address, port });
}
