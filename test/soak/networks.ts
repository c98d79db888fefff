import { readdirSync, readlinkSync } from 'node:fs';

/** The network namespace of a process, such as `net:[4026531840]`; empty where the process has ended. */
export function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

/** Those of all processes of this machine. */
export function networksInUse(): Set<string> {
  return new Set(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(networkOf),
  );
}
