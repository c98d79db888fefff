import { textOf } from '../proc-files.ts';
import type { Place } from './place.ts';

/** The file of a sysctl such as `net.ipv4.tcp_fin_timeout`. */
export function sysctlPath(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}

/** A sysctl in the network of a place, its values separated by blanks; null if that kernel does not have it. */
export async function readSysctl(place: Place, name: string, signal?: AbortSignal): Promise<string | null> {
  const text = await place.read(sysctlPath(name), signal);
  return text === null ? null : valuesOf(text);
}

/** The same in the network of this process, synchronously; empty if this kernel does not have it. */
export function ownSysctl(name: string): string {
  return valuesOf(textOf(sysctlPath(name)));
}

function valuesOf(text: string): string {
  return text.trim().replaceAll('\t', ' ');
}

/** The limits of ip_local_port_range, both included; null if the text is not a range of ports. */
export function parsePortRange(text: string): readonly [low: number, high: number] | null {
  const [low, high] = text.trim().split(/\s+/).map(parsePort);
  return low == null || high == null ? null : [low, high];
}

/** A port, or 65536: ip_unprivileged_port_start has that value if no port is privileged. */
export function parsePort(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_536 ? Number(text) : null;
}

/** The ports of ip_local_reserved_ports between two limits. The list is such as `8080,9000-9100`, or empty for none. */
export function reservedPorts(list: string, low: number, high: number): Set<number> {
  const reserved = new Set<number>();
  for (const part of list.split(',')) {
    const [first = Number.NaN, last = first] = part.trim().split('-').filter(Boolean).map(Number);
    for (let port = Math.max(first, low); port <= Math.min(last, high); port++) reserved.add(port);
  }
  return reserved;
}
