import type { Emit, LoadSample } from '../events.ts';
import { readTimeWaits } from '../observe/sockstat.ts';
import { sleep } from '../time.ts';
import type { Server } from './ends/server.ts';
import { distinct, type Topology } from './hosts/run-host.ts';
import type { PeerProcess } from './process/peer-process.ts';

/** Many short connections from one client. */
export interface ChurnOptions {
  /** The server, or several in turn. They must have been started with the same `shortConnections`. */
  readonly to: Server | readonly Server[];
  readonly connections: number;
  /** The number of connections at a time (default: 50). */
  readonly concurrency?: number;
  /** The time limit of each, in milliseconds (default: 20 s). */
  readonly timeoutMs?: number;
  /** `in TIME_WAIT`: leftovers of earlier connections with these servers must remain until the last one ends, or the run is too slow. */
  readonly meets?: 'in TIME_WAIT';
}

/** How the connections ended. */
export interface ChurnResult {
  /** How many connect() calls succeeded. */
  readonly connected: number;
  /** The number that did not end in time: `connect ETIME`, or `read ETIME` if connect() succeeded but the server never accepted. */
  readonly late: number;
  /**
   * The number that ended, by outcome: `ok`, or the failed call with its errno, such as `connect EADDRNOTAVAIL`. ETIME is a time limit of
   * tcpclose.
   */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durationMs: number;
  readonly perSecond: number;
  /** Samples over time. */
  readonly samples: readonly LoadSample[];
  /** The growth of the resident memory of both processes from the first half to the end, in bytes. */
  readonly grownBytes: number;
}

/** The result of a withheld load. */
export const noChurn: ChurnResult = {
  connected: 0,
  late: 0,
  outcomes: {},
  durationMs: 0,
  perSecond: 0,
  samples: [],
  grownBytes: 0,
};

const sampleMs = 200;
export const usualTimeoutMs = 20_000;

/** Runs the load and reports its progress. @internal */
export async function runChurn(
  peer: PeerProcess,
  topology: Topology,
  { to, connections, concurrency = 50, timeoutMs = usualTimeoutMs }: ChurnOptions,
  emit: Emit,
  signal: AbortSignal,
): Promise<ChurnResult> {
  const servers = [to].flat();
  const [short] = servers.map(({ shortConnections }) => shortConnections);
  if (short === undefined) throw new TypeError('a churn needs servers with shortConnections');
  const targets = servers.map(({ reachableAt, port }) => ({ address: reachableAt, port }));
  const before = await timeWaitsOn(topology);
  await peer.call('churn', { ...short, targets, connections, concurrency, timeoutMs });

  const peers = [peer, ...servers.map(({ process }) => process)];
  const samples: LoadSample[] = [];
  let halfway: number | undefined;
  for (;;) {
    const { done, ranMs, outcomes, connected, state } = await peer.call('churnProgress', {});
    const timeWaits = Math.max(0, (await timeWaitsOn(topology)) - before);
    const sample = sampled({ atMs: ranMs, done, of: connections, outcomes, timeWaits }, samples.at(-1));
    samples.push(sample);
    emit({ type: 'load', sample });
    if (halfway === undefined && done >= connections / 2) halfway = await residentBytes(peers);
    if (state === 'over') {
      const grownBytes = (await residentBytes(peers)) - (halfway ?? 0);
      const perSecond = (done / ranMs) * 1000;
      const late = (outcomes['connect ETIME'] ?? 0) + (outcomes['read ETIME'] ?? 0);
      return { connected, late, outcomes, durationMs: ranMs, perSecond, samples, grownBytes };
    }
    await sleep(sampleMs, signal);
  }
}

function sampled(progress: Omit<LoadSample, 'perSecond'>, last: LoadSample | undefined): LoadSample {
  const spanMs = progress.atMs - (last?.atMs ?? 0);
  const perSecond = spanMs === 0 ? 0 : ((progress.done - (last?.done ?? 0)) / spanMs) * 1000;
  return { ...progress, perSecond };
}

async function timeWaitsOn(topology: Topology): Promise<number> {
  const counts = await Promise.all(
    distinct(topology).map(async ({ host }) => (await readTimeWaits(host)).count),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function residentBytes(peers: readonly PeerProcess[]): Promise<number> {
  const sizes = await Promise.all(peers.map((peer) => peer.call('memory', {})));
  return sizes.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
}
