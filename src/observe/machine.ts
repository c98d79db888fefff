import { type Harmless, harmless } from '../foreign.ts';
import type { Place } from './place.ts';
import { readSysctl } from './sysctl.ts';

/** Why the same command may have different results on two machines. */
export interface Machine {
  readonly host: Harmless;
  /** uname -r. */
  readonly kernel: Harmless;
  /** Settings that decide how connections end, by name. Settings that this kernel does not have are left out. */
  readonly settings: Readonly<Record<string, Harmless>>;
}

/** The settings that decide how connections end. tcpclose never changes them on a machine. */
export const decisiveSettings = [
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_abort_on_overflow',
  'net.core.somaxconn',
] as const;

export async function readMachine(place: Place, signal?: AbortSignal): Promise<Machine> {
  const read = async (name: string) => harmless((await readSysctl(place, name, signal)) ?? 'unknown');
  const [host, kernel] = await Promise.all([read('kernel.hostname'), read('kernel.osrelease')]);
  const values = await Promise.all(
    decisiveSettings.map(async (name) => [name, await readSysctl(place, name, signal)] as const),
  );
  const known = values.flatMap(([name, value]) => (value === null ? [] : [[name, harmless(value)] as const]));
  return { host, kernel, settings: Object.fromEntries(known) };
}
