import { parsePortRange } from '../../observe/sysctl.ts';
import type { Machine } from '../facts/machine.ts';

/** The ports from which the kernel chooses those of outgoing connections; null if the settings cannot be read. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
  readonly size: number;
  has(port: number): boolean;
}

/** ip_local_port_range without ip_local_reserved_ports. */
export function portRangeOf({ settings }: Machine): PortRange | null {
  const range = parsePortRange(settings.get('net.ipv4.ip_local_port_range') ?? '');
  if (range === null) return null;
  const [low, high] = range;
  const reserved = reservedIn(settings.get('net.ipv4.ip_local_reserved_ports') ?? '', low, high);
  return {
    low,
    high,
    size: high - low + 1 - reserved.size,
    has: (port) => port >= low && port <= high && !reserved.has(port),
  };
}

// `8080,9000-9100`; an empty line for none.
function reservedIn(list: string, low: number, high: number): Set<number> {
  const reserved = new Set<number>();
  for (const part of list.split(',')) {
    const [first = Number.NaN, last = first] = part.trim().split('-').filter(Boolean).map(Number);
    for (let port = Math.max(first, low); port <= Math.min(last, high); port++) reserved.add(port);
  }
  return reserved;
}
