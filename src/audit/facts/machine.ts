import { type Counters, counterFiles, parseCounters } from '../../observe/counters/counters.ts';
import type { Place } from '../../observe/place.ts';
import { sysctlPath } from '../../observe/sysctl.ts';
import { readTexts, type Texts } from './texts.ts';

const sockstatFile = '/proc/net/sockstat';

/** The settings that findings need. */
const settingNames = [
  'net.core.somaxconn',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_max_orphans',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_mem',
  'net.ipv4.tcp_retries2',
  'net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_tw_reuse',
  'net.netfilter.nf_conntrack_count',
  'net.netfilter.nf_conntrack_max',
] as const;

export type SettingName = (typeof settingNames)[number];

/** What a network counts and limits. */
export interface Machine {
  /** Empty if they cannot be read. */
  readonly counters: Counters;
  /** Connections that no process owns any more and that have not ended, from /proc/net/sockstat; null if it cannot be read. */
  readonly orphans: number | null;
  /** The sysctls that this kernel has. */
  readonly settings: ReadonlyMap<SettingName, string>;
}

export async function readMachine(place: Place, signal: AbortSignal): Promise<Machine> {
  const paths = [...counterFiles, sockstatFile, ...settingNames.map(sysctlPath)];
  return machineIn(await readTexts(place, paths, signal));
}

function machineIn(texts: Texts): Machine {
  return {
    counters: parseCounters(counterFiles.map((file) => texts.get(file) ?? '').join('')),
    orphans: numberIn(/^TCP:.* orphan (\d+)/m.exec(texts.get(sockstatFile) ?? '')?.[1]),
    settings: new Map(
      settingNames.flatMap((name) => {
        const text = texts.get(sysctlPath(name));
        return text === undefined ? [] : [[name, text.trim().replaceAll(/\s+/g, ' ')] as const];
      }),
    ),
  };
}

function numberIn(text: string | undefined): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : null;
}

/** A setting that is a single integer; null if this kernel does not have it. */
export function settingOf({ settings }: Machine, name: SettingName): number | null {
  return numberIn(settings.get(name));
}
