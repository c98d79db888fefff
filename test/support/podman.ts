/** Podman in namespaces of its own: its network, processes, mounts and storage are not those of this machine. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { isRoot, missing } from './machine.ts';
import { type Finished, Program } from './program.ts';

/** Why podman cannot run here, or null. */
export const noPodman = !isRoot
  ? 'it needs root'
  : (missing('podman', 'crun', 'conmon', 'iptables', 'busybox', 'unshare', 'nsenter') ??
    (existsSync('/usr/lib/podman/netavark') ? null : 'netavark is not installed'));

/** The image has Node and BusyBox, and nothing else. */
export const image = 'localhost/tcpclose-test';

export interface Podman {
  /** Put before a command, it runs it in there. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its folder, which is the same inside and outside. */
  readonly folder: string;
  /** Runs a command there; fails if that fails. */
  run(...words: readonly string[]): string;
  tcpclose(...args: readonly string[]): Promise<Finished>;
  start(...args: readonly string[]): Program;
  /** The containers that there are, and the rules of NAT that lead to one. */
  left(): string[];
}

/** One for all tests of a file. @returns what is filled in before the tests run */
export function podmanOfFile(why: string | null): Podman {
  let podman: (Podman & { end(): Promise<void> }) | undefined;
  beforeAll(async () => {
    if (why === null) podman = await startPodman();
  }, 180_000);
  afterAll(() => podman?.end(), 120_000);
  const there = () => {
    if (podman === undefined) throw new Error('podman has not been started');
    return podman;
  };
  return {
    get prefix() {
      return there().prefix;
    },
    get env() {
      return there().env;
    },
    get folder() {
      return there().folder;
    },
    run: (...words) => there().run(...words),
    tcpclose: (...args) => there().tcpclose(...args),
    start: (...args) => there().start(...args),
    left: () => there().left(),
  };
}

async function startPodman(): Promise<Podman & { end(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'podman-'));
  const env = {
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
  };
  writeFileSync(env.CONTAINERS_STORAGE_CONF, storage(folder));
  writeFileSync(env.CONTAINERS_CONF, settings);
  writeRoot(join(folder, 'root'));
  const holder = spawn(
    'unshare',
    ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', begin],
    { cwd: folder, env: { ...process.env, ...env } },
  );
  const init = await started(holder);
  const prefix = ['nsenter', '--target', `${init}`, '--mount', '--net', '--pid', '--'];
  const run = (...words: readonly string[]) => {
    const [program = '', ...args] = [...prefix, ...words];
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: 120_000,
    });
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const start = (...args: readonly string[]) => {
    const program = new Program(args, { prefix, env });
    program.child.stdin?.end();
    return program;
  };
  return {
    ...{ prefix, env, folder, run, start },
    tcpclose: (...args) => start(...args).finished(),
    left: () => {
      const containers = run('podman', 'ps', '--all', '--format', '{{.Names}}');
      const rules = run('iptables', '-t', 'nat', '-S')
        .split('\n')
        .filter((rule) => rule.includes('--to-destination'));
      return [...containers.split('\n').filter(Boolean), ...rules];
    },
    async end() {
      const closed = new Promise((resolve) => holder.once('close', resolve));
      holder.stdin?.end();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves with the pid, here, of the first process there, when the image is there. */
async function started(holder: ChildProcess): Promise<number> {
  let [output, errors] = ['', ''];
  holder.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('podman is ready')) resolve();
    });
    holder.once('close', () => reject(new Error(`podman could not be prepared: ${output}${errors}`)));
  });
  const [pid = ''] = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').split(' ');
  return Number(pid);
}

/** It ends with its standard input, and everything with it. Dash waits for whatever becomes its child. */
const begin = `set -e
mount --make-rprivate /
mount -t tmpfs run /run
ip link set lo up
if [ -d /sys/fs/cgroup/unified ] || [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  # crun refuses a mix of both versions: those of the first one alone.
  mount -t tmpfs cgroup /sys/fs/cgroup
  for one in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir /sys/fs/cgroup/$one
    mount -t cgroup -o $one cgroup /sys/fs/cgroup/$one || rmdir /sys/fs/cgroup/$one
  done
fi
tar -C root -c . | podman import --quiet - ${image}:latest
echo podman is ready
cat >/dev/null
podman rm --all --force --time 0 >/dev/null 2>&1 || true
`;

function storage(folder: string): string {
  return `[storage]
driver = "overlay"
runroot = "/run/containers"
graphroot = "${folder}/graph"
`;
}

const settings = `[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "/run/container-networks"
[containers]
log_driver = "k8s-file"
`;

/** The root of the image: Node and BusyBox, each with its libraries. */
function writeRoot(root: string): void {
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'usr/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  copyProgram(process.execPath, join(root, 'usr/bin/node'), root);
  copyProgram(found('busybox'), join(root, 'bin/busybox'), root);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
  const { status, stderr } = spawnSync('chroot', [root, '/bin/busybox', '--install', '-s', '/bin'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the image has no tools: ${stderr}`);
}

function copyProgram(from: string, to: string, root: string): void {
  copy(from, to);
  const { stdout } = spawnSync('ldd', [from], { encoding: 'utf8' });
  for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) copy(library, join(root, library));
}

// Links are followed, and what is large is shared as far as the file system can.
function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const { status, stderr } = spawnSync('cp', ['--dereference', '--reflink=auto', from, to], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

function found(program: string): string {
  return spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
}
