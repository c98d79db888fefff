/** What runs inside of a booted kernel: an init that mounts what programs expect, runs tcpclose, and powers off. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A run of tcpclose: what it prints becomes `<name>.json`, and its exit status `<name>.status`. */
export interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly limitSeconds: number;
}

export interface Guest {
  /** A folder of this machine, which the guest may write: its /mnt. It has the installed program. */
  readonly folder: string;
  /** For modprobe: a folder of this machine. */
  readonly modules: string;
  readonly node: string;
  readonly steps: readonly Step[];
  /** Lines of its own before the steps: `ip addr add ...`. */
  readonly before?: readonly string[];
}

/** What tcpclose uses and what a kernel of Debian has as a module. Others are loaded when they are used. */
const modules =
  'ipv6 veth tun tcp_diag unix_diag sch_netem nfnetlink_queue nf_tables nft_queue nft_ct nft_reject_inet';

/** Writes the script, and returns its path. */
export function writeInit({ folder, modules: where, node, steps, before = [] }: Guest): string {
  script(join(folder, 'modprobe'), modprobe(where));
  const init = join(folder, 'init');
  script(
    init,
    `export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C CI=true
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t hostfs -o ${quoted(folder)} out /mnt
[ -c /dev/null ] || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
for folder in /tmp /run /var/tmp; do mount -t tmpfs tmp $folder; chmod 1777 $folder; done
echo /mnt/modprobe >/proc/sys/kernel/modprobe
for module in ${modules}; do /mnt/modprobe $module 2>/dev/null; done
hostname guest
ip link set lo up
cd /tmp
cat /proc/sys/kernel/osrelease >/mnt/kernel
cat /proc/net/snmp /proc/net/netstat >/mnt/counters
run() {
  name=$1; limit=$2; shift 2
  timeout --signal=INT --kill-after=30 $limit ${quoted(node)} /mnt/node_modules/tcpclose/dist/tcpclose.cjs "$@" >/mnt/$name.json 2>/mnt/$name.err
  status=$?
  cut -d' ' -f1 /proc/uptime >/mnt/$name.uptime
  echo $status >/mnt/$name.status
}
cut -d' ' -f1 /proc/uptime >/mnt/booted
${before.join('\n')}
${steps.map(({ name, args, limitSeconds }) => ['run', name, limitSeconds, ...args].map(String).map(quoted).join(' ')).join('\n')}
sync
echo o >/proc/sysrq-trigger
sleep 60`,
  );
  return init;
}

// The kernel runs it as well (/proc/sys/kernel/modprobe). kmod looks below /lib/modules, and not every machine has it.
function modprobe(folder: string): string {
  return `for name in "$@"; do :; done
cd ${quoted(folder)}/lib/modules/$(uname -r) || exit 1
insmod=$(command -v insmod || echo busybox insmod)
load() {
  like=$(echo "$1" | sed 's/[-_]/[-_]/g')
  line=$(grep -E "/$like\\.ko(\\.[a-z]+)?:" modules.dep | head -n 1)
  [ -n "$line" ] || return 1
  files=
  for file in \${line%%:*} \${line#*:}; do files="$file $files"; done
  for file in $files; do $insmod $file 2>/dev/null; done
}
load "$name" && exit
for module in $(grep -F "alias $name " modules.alias | cut -d ' ' -f 3); do load $module && exit; done
exit 1`;
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
