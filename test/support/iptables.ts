import { spawnSync } from 'node:child_process';
import { missing, noRoot } from './machine.ts';

/** Why the rules of NAT cannot be made by iptables with that backend here, or null. */
export function whyNoIptables(backend: 'nft' | 'legacy'): string | null {
  const program = `iptables-${backend}`;
  const why = noRoot ?? missing(program, `${program}-save`, `ip6tables-${backend}`);
  if (why !== null) return why;
  const { status } = spawnSync('unshare', ['--net', program, '-t', 'nat', '-S'], { stdio: 'ignore' });
  return status === 0 ? null : `this kernel has no ${program}`;
}
