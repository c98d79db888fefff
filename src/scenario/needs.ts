import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { messageOf, TcpcloseError } from '../errors.ts';
import { openNamespace } from '../lab/hosts/namespace.ts';
import { openTwoHosts } from '../lab/hosts/two-hosts.ts';
import { Capture } from '../lab/recording/capture.ts';
import { Teardown } from '../lab/teardown.ts';
import { kernelTypesPath } from '../observe/btf.ts';
import { sysctlPath } from '../observe/sysctl.ts';
import { enoughDescriptors, mostDescriptors, ownLimit } from '../own-limits.ts';
import { describeSystemError } from '../system-error.ts';
import { sleep } from '../time.ts';

/**
 * What a machine must allow for a scenario to run there; otherwise the scenario is skipped, with the reason. Each need is tested by a
 * trial. null if it is met, otherwise the reason and the remedy.
 */
const probes = {
  namespace: () => whyNot((teardown) => openNamespace('a trial', teardown)),
  'two hosts': () => whyNot(openTwoHosts),
  packets: whyNoPackets,
  IPv6: whyNoIPv6,
  descriptors: whyFewDescriptors,
  'core dump': whyNoCoreDump,
  'kernel types': whyNoKernelTypes,
  'socket destruction': whyNoSocketDestruction,
  tcp_migrate_req: whyNoMigration,
};

export type Need = keyof typeof probes;
export const needNames = Object.keys(probes) as Need[];

interface Answer {
  readonly why: string | null;
  readonly at: number;
}

const answers = new Map<Need, Promise<Answer>>();

/** A need may be unmet only for the moment, because the machine was full or something ended the trial. */
const retriesMs = [100, 400];
const unmetForMs = 10_000;

/**
 * Why a need is not met here, or null. A need that is met remains met. An unmet need is tried a second time before it is reported, and
 * again for a caller at least ten seconds later.
 */
export async function whyUnmet(need: Need): Promise<string | null> {
  const known = answers.get(need);
  if (known !== undefined) {
    const { why, at } = await known;
    if (why === null || performance.now() - at < unmetForMs) return why;
    // Another caller has tried again in between.
    if (answers.get(need) !== known) return whyUnmet(need);
  }
  const answer = askUntilMet(need);
  answers.set(need, answer);
  return (await answer).why;
}

/** Why the first of these needs that is not met is not, or null. */
export async function whyAnyUnmet(needs: readonly Need[]): Promise<string | null> {
  for (const need of needs) {
    const why = await whyUnmet(need);
    if (why !== null) return why;
  }
  return null;
}

/** What another process has just tried on this machine. */
export function needsTried(tried: readonly (readonly [Need, string | null])[]): void {
  const at = performance.now();
  for (const [need, why] of tried) answers.set(need, Promise.resolve({ why, at }));
}

async function askUntilMet(need: Need): Promise<Answer> {
  let why = await probe(need);
  for (const pauseMs of retriesMs) {
    if (why === null) break;
    await sleep(pauseMs);
    why = await probe(need);
  }
  return { why, at: performance.now() };
}

async function probe(need: Need): Promise<string | null> {
  try {
    return await probes[need]();
  } catch (error) {
    return describeSystemError(error) ?? messageOf(error);
  }
}

/** Captured and replayed segments stay in a namespace created for them. */
async function whyNoPackets(): Promise<string | null> {
  const why = await whyUnmet('namespace');
  return why ?? whyNot(tryToCapture);
}

async function tryToCapture(teardown: Teardown): Promise<void> {
  const host = await openNamespace('a trial', teardown);
  try {
    await Capture.open([host], { depth: 'headers' }, teardown);
  } catch (error) {
    throw new TcpcloseError(
      'no-packets',
      `packets cannot be captured in a private network (${messageOf(error)}): allow packet sockets, or run as root`,
      error,
    );
  }
}

async function whyNot(open: (teardown: Teardown) => Promise<unknown>): Promise<string | null> {
  const teardown = new Teardown();
  try {
    await open(teardown);
    return null;
  } catch (error) {
    return messageOf(error) || 'it cannot be tried, for an unknown reason: run it again';
  } finally {
    await teardown.run();
  }
}

function whyNoIPv6(): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(
        `no IPv6 on loopback (${error.message}): enable it with "sysctl net.ipv6.conf.lo.disable_ipv6=0"`,
      );
    });
    server.listen(0, '::1', () => server.close(() => resolve(null)));
  });
}

async function whyNoKernelTypes(): Promise<string | null> {
  try {
    accessSync(kernelTypesPath, constants.R_OK);
    return null;
  } catch {
    return `there is no ${kernelTypesPath}: boot a kernel with CONFIG_DEBUG_INFO_BTF`;
  }
}

async function whyNoSocketDestruction(): Promise<string | null> {
  const { withSockDiag } = await import('../native/sock-diag.ts');
  try {
    if (withSockDiag((diag) => diag.canDestroy())) return null;
    return 'this kernel cannot destroy sockets (EOPNOTSUPP): boot a kernel with CONFIG_INET_DIAG_DESTROY';
  } catch (error) {
    return `sockets cannot be destroyed (${messageOf(error)}): boot a kernel with CONFIG_INET_DIAG and CONFIG_INET_DIAG_DESTROY`;
  }
}

async function whyNoMigration(): Promise<string | null> {
  const name = 'net.ipv4.tcp_migrate_req';
  if (existsSync(sysctlPath(name))) return null;
  return `this kernel has no ${name}: boot Linux 5.14 or later`;
}

// A client or a server with too few descriptors would show that limit, not the behaviour of TCP.
async function whyFewDescriptors(): Promise<string | null> {
  const most = mostDescriptors();
  if (most >= enoughDescriptors) return null;
  return `a process may have ${most} descriptors, and ${enoughDescriptors} are needed: raise the limit with "ulimit -n ${enoughDescriptors}"`;
}

// A dump that is piped to a program, or written to a system folder, would leave traces there.
async function whyNoCoreDump(): Promise<string | null> {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (pattern.startsWith('|') || pattern.includes('/')) {
    return `core dumps go to "${pattern}" and not to the folder of the process: "sysctl kernel.core_pattern=core"`;
  }
  return ownLimit('Max core file size').hard === '0'
    ? 'core dumps are limited to 0 bytes: raise the hard limit ("ulimit -H -c")'
    : null;
}
