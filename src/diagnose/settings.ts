import type { Place } from '../observe/place.ts';
import { parsePort, parsePortRange, readSysctl, reservedPorts } from '../observe/sysctl.ts';

/** What the network's settings say about one port. null: could not be read. */
export interface PortSettings {
  /** ip_local_port_range: from which the kernel chooses the ports of outgoing connections, both limits included. */
  readonly ephemeral: readonly [low: number, high: number] | null;
  /** Whether ip_local_reserved_ports keeps outgoing connections away from the port. It does not affect a bind. */
  readonly reserved: boolean | null;
  /** Its value, such as `8080,9000-9100`; empty if nothing is reserved. */
  readonly reservedList: string | null;
  /** ip_unprivileged_port_start: below it a bind needs CAP_NET_BIND_SERVICE. */
  readonly unprivilegedFrom: number | null;
}

const names = ['ip_local_port_range', 'ip_local_reserved_ports', 'ip_unprivileged_port_start'] as const;

export async function readSettings(place: Place, port: number, signal?: AbortSignal): Promise<PortSettings> {
  const texts = await Promise.all(names.map((name) => readSysctl(place, `net.ipv4.${name}`, signal)));
  return parseSettings(port, ...texts);
}

/** Whether the kernel may give the port to an outgoing connection. */
export function isEphemeral(port: number, { ephemeral, reserved }: PortSettings): boolean {
  return ephemeral !== null && port >= ephemeral[0] && port <= ephemeral[1] && reserved !== true;
}

type Text = string | null;

export function parseSettings(
  port: number,
  range: Text = null,
  reserved: Text = null,
  start: Text = null,
): PortSettings {
  return {
    ephemeral: parsePortRange(range ?? ''),
    reserved: reserved === null ? null : reservedPorts(reserved, port, port).size > 0,
    reservedList: reserved !== null && /^[\d,\s-]*$/.test(reserved) ? reserved.trim() : null,
    unprivilegedFrom: parsePort(start?.trim() ?? ''),
  };
}
