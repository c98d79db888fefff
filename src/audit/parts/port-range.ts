import { parsePortRange, reservedPorts } from '../../observe/sysctl.ts';
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
  const reserved = reservedPorts(settings.get('net.ipv4.ip_local_reserved_ports') ?? '', low, high);
  return {
    low,
    high,
    size: high - low + 1 - reserved.size,
    has: (port) => port >= low && port <= high && !reserved.has(port),
  };
}
