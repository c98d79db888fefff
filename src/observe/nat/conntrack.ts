import { canonicalAddress } from '../../address.ts';
import { type Harmless, harmless } from '../../foreign.ts';
import type { Target } from './table.ts';

/** A connection that the kernel tracks, and whose destination NAT has changed. */
export interface Tracked {
  readonly address: string;
  readonly to: Target;
  readonly text: Harmless;
}

// ipv4 2 tcp 6 431999 ESTABLISHED src=a dst=b sport=1 dport=9999 src=b dst=a sport=8081 dport=1 [ASSURED] ...
const tracked =
  /^ipv[46]\s+\d+\s+tcp\s.*?\bdst=(\S+) sport=\d+ dport=(\d+)\s(?:\[\w+\] )?src=(\S+) dst=\S+ sport=(\d+) /;

/** From /proc/net/nf_conntrack: one connection for each place to which connections to the port of these addresses go. */
export function movedIn(text: string, port: number, addresses: readonly string[]): Tracked[] {
  const found = new Map<string, Tracked>();
  for (const line of text.split('\n')) {
    if (!line.includes(` dport=${port} `)) continue;
    const [, to = '', toPort, from = '', fromPort] = tracked.exec(line) ?? [];
    if (Number(toPort) !== port || (to === from && toPort === fromPort)) continue;
    const [address, source] = [canonicalAddress(to), canonicalAddress(from)];
    if (address === undefined || source === undefined || !addresses.includes(address)) continue;
    found.set(`${from} ${fromPort}`, {
      address,
      to: { address: address === source ? null : source, port: Number(fromPort) },
      text: harmless(line.trim().replaceAll(/\s+/g, ' ')),
    });
  }
  return [...found.values()];
}
