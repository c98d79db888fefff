import { readFileSync } from 'node:fs';
import type { Place } from '../observe/place.ts';

/** What the settings of the network say of one port. null: could not be read. */
export interface PortSettings {
  /** ip_local_port_range: from which the kernel chooses the ports of outgoing connections, both limits included. */
  readonly ephemeral: readonly [low: number, high: number] | null;
  /** Whether ip_local_reserved_ports keeps outgoing connections away from the port. A bind to it passes as ever. */
  readonly reserved: boolean | null;
  /** That list as it stands, such as `8080,9000-9100`; empty where nothing is reserved. */
  readonly reservedList: string | null;
  /** ip_unprivileged_port_start: below it one needs CAP_NET_BIND_SERVICE. */
  readonly unprivilegedFrom: number | null;
}

const names = ['ip_local_port_range', 'ip_local_reserved_ports', 'ip_unprivileged_port_start'] as const;
const folder = '/proc/sys/net/ipv4';

export async function readSettings(place: Place, port: number, signal?: AbortSignal): Promise<PortSettings> {
  const texts = place.procNet === undefined ? await readBehind(place, signal) : names.map(readHere);
  return parseSettings(port, ...texts);
}

/** Whether the kernel may give the port to an outgoing connection. */
export function isEphemeral(port: number, { ephemeral, reserved }: PortSettings): boolean {
  return ephemeral !== null && port >= ephemeral[0] && port <= ephemeral[1] && reserved !== true;
}

export function parseSettings(port: number, range = '', reserved = '?', start = ''): PortSettings {
  const [low, high] = range.trim().split(/\s+/).map(portIn);
  return {
    ephemeral: low == null || high == null ? null : [low, high],
    reserved: reserved === '?' ? null : isListed(port, reserved),
    reservedList: /^[\d,\s-]*$/.test(reserved) ? reserved.trim() : null,
    unprivilegedFrom: portIn(start.trim()),
  };
}

/** The last port and one more are there, too: from 65536 on nobody needs a privilege. */
function portIn(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_536 ? Number(text) : null;
}

// `8080,9000-9100`; an empty line for none.
function isListed(port: number, list: string): boolean {
  return list.split(',').some((part) => {
    const [low = Number.NaN, high = low] = part.trim().split('-').filter(Boolean).map(Number);
    return port >= low && port <= high;
  });
}

function readHere(name: string): string | undefined {
  try {
    return readFileSync(`${folder}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

async function readBehind(place: Place, signal?: AbortSignal): Promise<(string | undefined)[]> {
  const script = `cd ${folder} && for f in ${names.join(' ')}; do echo "$f $(cat $f)"; done`;
  const { stdout } = await place.run(['sh', '-c', script], signal);
  return names.map((name) => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1]);
}
