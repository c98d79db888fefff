import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a machine has that a run might change and leave so: settings, tracing instances, networks. */
export interface MachineState {
  readonly settings: ReadonlyMap<string, string>;
  readonly tracing: readonly string[];
  readonly networks: readonly string[];
}

const folders = ['/proc/sys/net/ipv4', '/proc/sys/net/core', '/proc/sys/kernel'];
/** These change by themselves. */
const moving = /\/(?:random|ns_last_pid|pty\/nr|tcp_mem|tcp_fastopen_key|seccomp|keys|pid_max|sched_)/;

export function stateOfMachine(): MachineState {
  return { settings: settings(), tracing: namesIn('/sys/kernel/tracing/instances'), networks: networks() };
}

/** What has come, gone or changed between two looks. */
export function changesBetween(before: MachineState, after: MachineState): string[] {
  const changed = [...after.settings].filter(([name, value]) => before.settings.get(name) !== value);
  return [
    ...changed.map(([name, value]) => `setting ${name}: ${before.settings.get(name)} became ${value}`),
    ...after.tracing
      .filter((name) => !before.tracing.includes(name))
      .map((name) => `tracing instance ${name}`),
    ...after.networks.filter((name) => !before.networks.includes(name)).map((name) => `network ${name}`),
  ];
}

function settings(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      if (!moving.test(path)) found.set(path, readOr(path));
    }
  }
  return found;
}

// A network lasts as long as a process is in it.
function networks(): string[] {
  const links = namesIn('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [readlinkSync(`/proc/${pid}/ns/net`)];
    } catch {
      return [];
    }
  });
  return [...new Set(links)];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
