import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/** Whether a program is installed; /usr/sbin is where some of them are, and not in everybody's path. */
export function installed(program: string): boolean {
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
  return (
    spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH: path } }).status === 0
  );
}

/** Why a test that needs these cannot run here: the first that is not installed; null if all are there. */
export function missing(...programs: readonly string[]): string | null {
  const program = programs.find((program) => !installed(program));
  return program === undefined ? null : `${program} is not installed`;
}

export const isRoot = process.getuid?.() === 0;

/** Why a test that needs root cannot run here, or null. */
export const noRoot = isRoot ? null : 'it needs root';

/** Put before a command, it runs it as a user without any rights; only root can. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;

/** Whether this kernel was built with all that is needed to let segments wait; null where it does not tell how it was built. */
export function queuesSegments(): boolean | null {
  const config = kernelConfig();
  if (config === null) return null;
  const built = (option: string) => new RegExp(`^CONFIG_${option}=[ym]$`, 'm').test(config);
  const compatible = built('NFT_COMPAT') && built('NETFILTER_XT_TARGET_NFQUEUE');
  const common = ['NF_TABLES_IPV4', 'NF_TABLES_IPV6', 'NETFILTER_NETLINK_QUEUE'].every(built);
  return common && (built('NFT_QUEUE') || compatible);
}

function kernelConfig(): string | null {
  if (existsSync('/proc/config.gz')) return gunzipSync(readFileSync('/proc/config.gz')).toString();
  const file = `/boot/config-${release()}`;
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Those as whom a test can run programs, with the words before a command. */
export const users: [string, readonly string[]][] = isRoot
  ? [
      ['root', []],
      ['nobody', asNobody],
    ]
  : [['this user', []]];
