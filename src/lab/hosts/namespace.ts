import { existsSync } from 'node:fs';
import { TcpcloseError } from '../../errors.ts';
import { type Child, signalGroup } from '../../native/signal.ts';
import type { Output } from '../../observe/place.ts';
import { ownSysctl } from '../../observe/sysctl.ts';
import { networkOf } from '../../proc-files.ts';
import { startProgram } from '../../start-program.ts';
import { describeSystemError, endsWithRemedy } from '../../system-error.ts';
import { sleep, within } from '../../time.ts';
import { PeerProcess } from '../process/peer-process.ts';
import type { Teardown } from '../teardown.ts';
import { withSystemPaths } from './environment.ts';
import { Host } from './host.ts';

/** Why there is no private network here, and what to do about it. */
export class NoNamespace extends TcpcloseError {
  override readonly name = 'NoNamespace';
  /** Whether a second attempt may succeed. */
  readonly chance: 'for good' | 'for now';

  constructor(code: string, message: string, chance: NoNamespace['chance'] = 'for now') {
    super(code, message);
    this.chance = chance;
  }
}

/**
 * Runs in the namespace and keeps it: brings loopback up, shows that it may change settings, and waits for the end of its standard input,
 * which comes when tcpclose ends, even when killed. Ownerless sockets would keep the namespace alive for minutes, so it ends them first.
 */
const holder = `
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || echo "loopback is down"
cd /proc/sys/net/ipv4 && echo "$(cat tcp_fin_timeout)" > tcp_fin_timeout || exit 1
echo "holding $$"
cat >/dev/null
echo 1 > tcp_orphan_retries
for i in 1 2 3 4 5 6 7 8 9 10; do
  ss -tanKH >/dev/null 2>&1
  [ "$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -vcE '^ *sl| 06 | 0A ')" = 0 ] && break
  sleep 0.1
done
`;

/** How to create a namespace, and the words before a command that enter it again. */
interface Way {
  readonly make: readonly [string, ...string[]];
  enter(pid: number): readonly string[];
}

// Root needs no user namespace, and in a container may not be allowed one. All other users need one.
const asRoot: Way = {
  make: ['unshare', '--net'],
  enter: (pid) => ['nsenter', `--target=${pid}`, '--net'],
};

// The user becomes root of the new namespace: a process that enters it as another user loses all capabilities over it at exec.
const asUser: Way = {
  make: ['unshare', '--user', '--map-root-user', '--net'],
  enter: (pid) => ['nsenter', `--target=${pid}`, '--user', '--net', '--preserve-credentials'],
};

/** A host with a network of its own: loopback only, own ports, own settings. */
export class Namespace extends Host {
  /** The pid of the process that keeps it. */
  readonly holder: number;
  readonly #way: Way;
  readonly #child: Child;

  constructor(name: string, way: Way, holder: number, child: Child) {
    super(name, way.enter(holder), `/proc/${holder}/net`);
    this.holder = holder;
    this.#way = way;
    this.#child = child;
  }

  /** If the holder of a network has ended, nsenter reports only a missing file, which is not the reason. */
  override get gone(): TcpcloseError | null {
    const { exitCode, signalCode } = this.#child;
    // A zombie has no network.
    if (exitCode === null && signalCode === null && networkOf(this.holder) !== undefined) return null;
    const how = exitCode === null && signalCode === null ? 'ended' : describeExit(exitCode, signalCode);
    return new TcpcloseError(
      'namespace-ended',
      `${this.name} ended during the run: process ${this.holder}, which keeps it, ${how}: run it again, and do not end that process`,
    );
  }

  override async run(command: readonly string[], signal?: AbortSignal): Promise<Output> {
    const output = await super.run(command, signal);
    const { gone } = this;
    if (output.exitCode !== 0 && gone !== null) throw gone;
    return output;
  }

  override async read(path: string, signal?: AbortSignal): Promise<string | null> {
    const text = await super.read(path, signal);
    if (text === null && this.gone !== null) throw this.gone;
    return text;
  }

  /** How to create another one in the same user namespace, if this one has one. */
  get wayBeside(): Way {
    return { make: this.wrap(['unshare', '--net']), enter: this.#way.enter };
  }
}

const makingDeadlineMs = 20_000;
/** How long ending may take: the holder gives the remaining sockets at most one second. */
const endingDeadlineMs = 10_000;

/**
 * Creates a network, beside another one if given. It disappears with the teardown, or with tcpclose.
 * @throws NoNamespace with the reason and the remedy
 */
export async function openNamespace(
  name: string,
  teardown: Teardown,
  neighbour?: Namespace,
): Promise<Namespace> {
  const ways = neighbour === undefined ? waysOfUser() : [neighbour.wayBeside];
  let failure: unknown;
  for (const pauseMs of pausesMs) {
    await sleep(pauseMs);
    for (const way of ways) {
      try {
        return await open(name, way, teardown);
      } catch (error) {
        failure = error;
      }
    }
    if (failure instanceof NoNamespace && failure.chance === 'for good') break;
  }
  throw failure;
}

/** Limits that other programs exhaust may be free again a moment later. */
const pausesMs = [0, 100, 400];

function waysOfUser(): Way[] {
  return process.getuid?.() === 0 ? [asRoot, asUser] : [asUser];
}

async function open(name: string, way: Way, teardown: Teardown): Promise<Namespace> {
  const [program] = way.make;
  const { child } = await startProgram([...way.make, 'sh', '-c', holder], {
    stdin: 'pipe',
    env: withSystemPaths(),
  }).catch((error) => {
    throw impossible(describeSystemError(error) ?? error.message);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  teardown.add(async () => {
    child.stdin?.end();
    await within(endingDeadlineMs, ended, () => new Error()).catch(() => signalGroup(child, 'SIGKILL'));
  });
  let said = '';
  let complaint = '';
  child.stdin?.on('error', () => {});
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const holding = new Promise<Namespace>((resolve, reject) => {
    child.once('close', (status, signal) => {
      const [first = ''] = complaint.trim().split('\n');
      reject(impossible(first === '' ? `${program} ${describeExit(status, signal)}` : first));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const pid = /holding (\d+)/.exec(said)?.[1];
      if (pid === undefined) return;
      resolve(new Namespace(name, way, Number(pid), child));
    });
  });
  const late = () => impossible(`there was no answer within ${makingDeadlineMs / 1000} s`);
  const host = await within(makingDeadlineMs, holding, late);
  if (said.includes('loopback is down')) await raiseLoopback(host);
  return host;
}

// If no program can do it there, a peer can.
async function raiseLoopback(host: Host): Promise<void> {
  const peer = new PeerProcess(host);
  try {
    await peer.call('raiseLoopback', {});
  } finally {
    await peer.end();
  }
}

function impossible(why: string): NoNamespace {
  const chance = /ENOENT|not found|Operation not permitted/.test(why) ? 'for good' : 'for now';
  const reason = endsWithRemedy(why) ? `: ${why}` : ` (${why}): ${remedyFor(why)}`;
  return new NoNamespace('no-namespace', `no private network can be made${reason}`, chance);
}

function describeExit(status: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
}

function remedyFor(why: string): string {
  if (/ended (?:by SIG|with status)|nothing happened/.test(why))
    return 'run it again, with less load on the machine';
  if (/No space left|ENOSPC/.test(why)) {
    return 'raise the limit with "sysctl user.max_user_namespaces=10000", or run as root';
  }
  if (/ENOENT|not found/.test(why)) return 'install util-linux';
  if (ownSysctl('kernel.apparmor_restrict_unprivileged_userns') === '1') {
    return 'AppArmor forbids it: "sysctl kernel.apparmor_restrict_unprivileged_userns=0", or run as root';
  }
  if (ownSysctl('kernel.unprivileged_userns_clone') === '0') {
    return 'allow it with "sysctl kernel.unprivileged_userns_clone=1", or run as root';
  }
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) {
    return 'start the container with --cap-add=SYS_ADMIN --security-opt seccomp=unconfined, or run outside it';
  }
  return 'run as root, or allow user namespaces to everybody';
}
