import { SystemCallError } from '../native/errno.ts';
import { readTimeWaits, sockstatPath } from '../observe/sockstat.ts';
import { formatSpan } from '../time.ts';
import { type ChurnOptions, type ChurnResult, noChurn, runChurn, usualTimeoutMs } from './churn.ts';
import type { Role } from './ends/role.ts';
import type { Server } from './ends/server.ts';
import { distinct } from './hosts/run-host.ts';
import { TooSlow } from './recording/too-slow.ts';
import type { RunContext } from './run-context.ts';

/** TCP_TIMEWAIT_LEN of <net/tcp.h>. */
const timeWaitMs = 60_000;

/** Many short connections, and what they leave behind. */
export class Load {
  readonly #run: RunContext;
  /** When the first of many connections with each server was opened. */
  readonly #churnedSince = new Map<Server, number>();

  /** @internal */
  constructor(run: RunContext) {
    this.#run = run;
  }

  /** Opens many short connections from one process on the client's host, and counts how they end. */
  async churn(options: ChurnOptions): Promise<ChurnResult> {
    const { topology, emit, signal } = this.#run;
    const { connections, concurrency = 50, timeoutMs } = options;
    const act = () => topology.client.peers.lend((peer) => runChurn(peer, topology, options, emit, signal));
    const detail = `${connections} connections, ${concurrency} at a time`;
    const servers = [options.to].flat();
    const begunAt = performance.now();
    for (const server of servers) this.#churnedSince.set(server, this.#churnedSince.get(server) ?? begunAt);
    const result = await this.#run.perform('client', 'churn', detail, act, noChurn);
    refuseShortage(result.outcomes);
    // With the default timeout, only a busy machine delays them.
    if (timeoutMs === undefined && result.late > 0)
      throw new TooSlow(detail, `${result.late} of them did not end within ${usualTimeoutMs / 1000} s`);
    if (options.meets === 'in TIME_WAIT') this.#refuseIfEnded('when the last connection ended', servers);
    return result;
  }

  /** How long connect(2) to a server takes from the client's host: the lower quartile of this many calls, in microseconds. */
  async connectTime(server: Server, connections: number): Promise<number> {
    const { peers } = this.#run.topology.client;
    const target = { address: server.reachableAt, port: server.port };
    const { microseconds } = await peers.lend((peer) => peer.call('connectTimes', { target, connections }));
    return microseconds.sort((a, b) => a - b)[Math.floor(connections / 4)] ?? Number.NaN;
  }

  /**
   * Which side of the connections with a server has their TIME_WAITs now, and how many distinct ports they occupy there. It reads each row,
   * and so takes longer than `timeWaits`.
   */
  async timeWaitsOf(
    server: Server,
  ): Promise<Record<Role, { readonly sockets: number; readonly ports: number }>> {
    const { topology, snapshots } = this.#run;
    const portsOf = { server: [] as number[], client: [] as number[] };
    for (const { host } of distinct(topology)) {
      const { rows } = await snapshots.look(host, [server.port], 'fresh');
      for (const { state, local } of rows)
        if (state === 'TIME_WAIT') portsOf[local.port === server.port ? 'server' : 'client'].push(local.port);
    }
    this.#refuseIfEnded('when they were counted', [server]);
    const counted = (ports: readonly number[]) => ({ sockets: ports.length, ports: new Set(ports).size });
    return { server: counted(portsOf.server), client: counted(portsOf.client) };
  }

  /**
   * How many sockets are in TIME_WAIT now, or in a FIN_WAIT2 without a process, on the host of that role (default: on all hosts). The
   * kernel counts both together, so this is quick for any number.
   */
  async timeWaits(role?: Role): Promise<number> {
    const { topology, signal } = this.#run;
    const counted = role === undefined ? distinct(topology) : [topology[role]];
    const askedMs = performance.now();
    const counts = await Promise.all(counted.map(({ host }) => readTimeWaits(host, signal)));
    const texts = counts.map(({ text }) => text);
    this.#run.tellRead(sockstatPath, askedMs, texts.join(''));
    this.#refuseIfEnded('when they were counted', this.#churnedSince.keys());
    return counts.reduce((sum, { count }) => sum + count, 0);
  }

  // Their number means nothing once the first of them have expired.
  #refuseIfEnded(when: string, servers: Iterable<Server>): void {
    const now = performance.now();
    const passedMs =
      now - Math.min(now, ...Array.from(servers, (server) => this.#churnedSince.get(server) ?? now));
    if (passedMs < timeWaitMs) return;
    throw new TooSlow(
      'TIME_WAITs',
      `the first of them had expired ${when}, ${formatSpan(passedMs)} after they began`,
    );
  }
}

// A shortage of this process or of the machine says nothing about TCP.
function refuseShortage(outcomes: ChurnResult['outcomes']): void {
  for (const outcome of Object.keys(outcomes)) {
    const [call = '', errno = ''] = outcome.split(' ');
    if (shortages.has(errno)) throw new SystemCallError(call, errno);
  }
}

const shortages = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);
