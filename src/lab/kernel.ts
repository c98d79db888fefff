import { readFile } from 'node:fs/promises';
import { kernelTypesPath, structSizes } from '../observe/btf.ts';
import { readObjectSize, readSlab, type Slab } from '../observe/slab.ts';
import { readSysctl, sysctlPath } from '../observe/sysctl.ts';
import type { Peer } from './ends/peer.ts';
import { type Host, thisMachine } from './hosts/host.ts';
import { distinct } from './hosts/run-host.ts';
import { writeMinimumRto, writeSysctl } from './hosts/write-sysctl.ts';
import { CounterWatch } from './recording/counters.ts';
import type { RunContext } from './run-context.ts';

/** The kernel of the run: its settings, its counters, and what it does on demand. */
export class Kernel {
  readonly #run: RunContext;

  /** @internal */
  constructor(run: RunContext) {
    this.#run = run;
  }

  /**
   * Writes a setting, such as `net.ipv4.tcp_fin_timeout`, and makes sure that the kernel accepted it; on both hosts, if there are two. It
   * works only in a namespace created for this run: the settings of the user's own network are never changed.
   */
  async sysctl(name: string, value: number | string): Promise<void> {
    await this.#set(`${name} = ${value}`, (host) => writeSysctl(host, name, String(value)));
  }

  /** The value of a setting on the server's host; null if this kernel does not have it. */
  async readSysctl(name: string): Promise<string | null> {
    const askedMs = performance.now();
    const value = await readSysctl(this.#run.topology.server.host, name);
    this.#run.tellRead(sysctlPath(name), askedMs, value);
    return value;
  }

  /** The present TCP settings under which a finding holds: `tcp_timestamps=0, tcp_rfc1337=1`. */
  async settings(...names: readonly string[]): Promise<string> {
    const values = await Promise.all(names.map((name) => this.readSysctl(`net.ipv4.${name}`)));
    return names.map((name, i) => `${name}=${values[i] ?? 'missing'}`).join(', ');
  }

  /** Sets the minimum retransmission timeout of new connections, in milliseconds. Needs a namespace, like `sysctl`. */
  async minimumRto(ms: number): Promise<void> {
    await this.#set(`smallest RTO = ${ms} ms`, (host) => writeMinimumRto(host, ms));
  }

  /** Makes the kernel destroy the sockets of a peer, as `ss -K` does, even those without a process. Needs a namespace. */
  async destroySockets(peer: Peer): Promise<void> {
    const { peers } = this.#run.runHostOf(peer);
    const destroy = () =>
      peers.lend(async (process) => {
        for (const { local, remote } of peer.ends) await process.call('destroySocket', { local, remote });
      });
    await this.#run.perform(peer.name, 'destroy in kernel', '', destroy, undefined);
  }

  /** Whether it can do that: some kernels are built without CONFIG_INET_DIAG_DESTROY. */
  async canDestroySockets(): Promise<boolean> {
    const { withSockDiag } = await import('../native/sock-diag.ts');
    return withSockDiag((diag) => diag.canDestroy());
  }

  /** Reads the kernel's TCP counters (nstat(8)); the result reports how much they have increased since. */
  counters(): Promise<CounterWatch> {
    return CounterWatch.begin(distinct(this.#run.topology), this.#run.emit, this.#run.signal);
  }

  /** How many lines of the kernel log match; null if this user may not read it. */
  async log(pattern: RegExp): Promise<number | null> {
    const { topology, signal } = this.#run;
    const askedMs = performance.now();
    const { exitCode, stdout } = await topology.server.host.run(['dmesg'], signal);
    const lines = exitCode === 0 ? stdout.split('\n').filter((line) => pattern.test(line)) : null;
    this.#run.tellRead('/dev/kmsg', askedMs, lines);
    return lines === null ? null : lines.length;
  }

  /** How many objects of a kind the kernel has for the whole machine, and their size; null if this user may not read slabinfo. */
  slab(name: string): Promise<Slab | null> {
    return readSlab(thisMachine, name);
  }

  /** How much memory an object of a kind takes, in bytes; null if this user may not read that. */
  objectSize(name: string): Promise<number | null> {
    return readObjectSize(thisMachine, name);
  }

  /** The sizes of structs of the kernel, in bytes. Needs `kernel types`. */
  async structSizes(names: readonly string[]): Promise<Map<string, number>> {
    return structSizes(await readFile(kernelTypesPath), names);
  }

  async #set(what: string, write: (host: Host) => Promise<void>): Promise<void> {
    const hosts = distinct(this.#run.topology).map(({ host }) => host);
    if (hosts.includes(thisMachine))
      throw new TypeError(`a scenario that sets ${what} must declare it: add 'namespace' to needs`);
    const writeAll = async () => void (await Promise.all(hosts.map(write)));
    await this.#run.perform('the kernel', 'sysctl', what, writeAll, undefined);
  }
}
