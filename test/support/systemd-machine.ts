/** A machine of its own whose init is systemd: user-mode Linux, a kernel that runs as a process, on the root of this machine, read-only. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Errands, type Finished, runErrands } from './errands.ts';
import { isRoot } from './machine.ts';
import { until } from './until.ts';

/** Of Debian's package user-mode-linux, or where it was unpacked. */
const kernel =
  process.env['TCPCLOSE_UML'] ??
  spawnSync('sh', ['-c', 'command -v linux.uml'], { encoding: 'utf8' }).stdout.trim();

/** Why no such machine can be had here, or null. */
export const noSystemdMachine = !isRoot
  ? 'it needs root'
  : !existsSync('/lib/systemd/systemd')
    ? 'systemd is not installed'
    : existsSync(kernel)
      ? null
      : 'user-mode Linux is not installed (apt-get install user-mode-linux, or TCPCLOSE_UML=<linux.uml>)';

const init = (folder: string, modules: string) => `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /var
mkdir -p /var/tmp /var/log /var/lib /run/systemd/system /run/lab /run/modules
mount -t hostfs -o ${folder} none /run/lab
mount -t hostfs -o ${modules} none /run/modules
mount -t tmpfs tmpfs /tmp
for module in ipv6 inet_diag tcp_diag unix_diag; do
  file=$(find "/run/modules/$(uname -r)" -name "$module.ko")
  [ -z "$file" ] || insmod "$file"
done
cp /run/lab/units/* /run/systemd/system/
exec /lib/systemd/systemd --unit=lab.target </dev/null
`;

const units = {
  'lab.target': '[Unit]\nRequires=lab.service basic.target\n',
  'lab.service': '[Service]\nExecStart=/bin/sh /run/lab/serve.sh\nStandardOutput=null\n',
};

const serve = `export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NO_COLOR=1
ip link set lo up
cd /run/lab
${runErrands}`;

export class SystemdMachine {
  /** Shared with the machine, where it is /run/lab. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tcpclose-systemd-'));
  readonly #child;
  readonly #errands = new Errands(this.folder);

  private constructor(own: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
    const { folder } = this;
    const [libraries] = [join(dirname(kernel), '../lib/uml/modules'), '/usr/lib/uml/modules'].filter(
      existsSync,
    );
    mkdirSync(join(folder, 'units'));
    for (const [name, text] of Object.entries({ ...units, ...own }))
      writeFileSync(join(folder, 'units', name), text);
    for (const [name, text] of Object.entries({ ...files, 'serve.sh': serve }))
      writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'init'), init(folder, libraries ?? '/nonexistent'), { mode: 0o755 });
    const options = [
      'mem=700M',
      'root=/dev/root',
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      'con=null',
      'quiet',
    ];
    const id = 'systemd.machine_id=0123456789abcdef0123456789abcdef';
    // It is a group of processes of its own.
    this.#child = spawn(kernel, [...options, `init=${join(folder, 'init')}`, id, `uml_dir=${folder}/uml`], {
      detached: true,
      stdio: 'ignore',
    });
  }

  /** Boots it with these units and files in its folder. */
  static async boot(
    units: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
  ): Promise<SystemdMachine> {
    const machine = new SystemdMachine(units, files);
    await until('systemd to boot', () => machine.#errands.areRun, 180_000);
    return machine;
  }

  /** Runs commands of a shell there. */
  run(script: string): Promise<Finished> {
    return this.#errands.run(script);
  }

  /** Ends it, with all its processes. */
  async end(): Promise<void> {
    const { pid } = this.#child;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    if (pid !== undefined && this.#child.exitCode === null) {
      process.kill(-pid, 'SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true });
  }
}
