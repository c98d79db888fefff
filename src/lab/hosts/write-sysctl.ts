import { TcpcloseError } from '../../errors.ts';
import { sysctlPath } from '../../observe/sysctl.ts';
import type { Host } from './host.ts';

/**
 * Sets the minimum RTO of a host's connections, in milliseconds: by its setting (Linux 6.11 and later), otherwise on each route.
 * @throws TcpcloseError `no-setting`
 */
export async function writeMinimumRto(host: Host, ms: number): Promise<void> {
  const script = `
    setting=/proc/sys/net/ipv4/tcp_rto_min_us
    if [ -e $setting ]; then echo $(($1 * 1000)) > $setting; exit; fi
    for family in -4 -6; do
      for table in local main; do
        ip $family route show table $table | while read -r route; do
          ip $family route change $route table $table rto_min $1ms
        done
      done
    done`;
  const { exitCode, stderr } = await host.run(['sh', '-c', script, 'sh', String(ms)]);
  if (exitCode === 0) return;
  throw new TcpcloseError(
    'no-setting',
    `the smallest RTO cannot be set (${stderr.trim() || `status ${exitCode}`}): this kernel may not allow it`,
  );
}

/** Writes a sysctl in a host's network, and reads it back: the kernel silently refuses or changes some values. */
export async function writeSysctl(host: Host, name: string, value: string): Promise<void> {
  const path = sysctlPath(name);
  // Multiple values are separated by tabs.
  const script = 'echo "$2" > "$1" && [ "$(tr "\\t" " " < "$1")" = "$2" ]';
  const { exitCode, stderr } = await host.run(['sh', '-c', script, 'sh', path, value]);
  if (exitCode === 0) return;
  const why = stderr.trim() || 'the value did not take effect';
  throw new TcpcloseError(
    'no-setting',
    `${path} cannot be set to "${value}" (${why}): this kernel may not have it`,
  );
}
