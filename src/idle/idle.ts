import { formatEndpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { type Harmless, harmless } from '../foreign.ts';
import { SystemCallError } from '../native/errno.ts';
import { withSockDiag } from '../native/sock-diag.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { commandLineOf } from '../observe/processes.ts';
import { listeners } from '../observe/sock-diag/table.ts';
import type { Waiting } from '../waiting.ts';
import { type IdleClient, idleClients } from './clients.ts';
import { measure } from './measure.ts';
import type { FoundPlace } from './place.ts';
import type { ProbeOptions, ProbeResult } from './probe.ts';
import { type Provoked, type ProvokeOptions, provoke } from './provoke/provoke.ts';
import {
  type Comparison,
  compare,
  keptBy,
  marginMs,
  type Said,
  type ServerIdle,
  saidBy,
  serverIdleOf,
  withIdleCloses,
} from './race.ts';
import { type Setting, settingsFor } from './settings.ts';
import type { Silence } from './silence.ts';

interface IdleOptions extends Omit<ProbeOptions, 'forMs'> {
  /** Whether to provoke the race, and how; null for no. */
  readonly provoke: Pick<ProvokeOptions, 'count' | 'method' | 'holdMs' | 'through'> | null;
  /** null: compare with all known clients. */
  readonly client: IdleClient | null;
  /** How long to watch; null for as long as needed. */
  readonly forMs: number | null;
  readonly ratePerS: number;
  /** The round trip between client and server; null for the measured one. */
  readonly rttMs: number | null;
  readonly progress: Waiting;
}

export interface IdleResult {
  readonly place: FoundPlace;
  /** What is known about the server's program: its own headers, and its process. */
  readonly server: {
    readonly says: Harmless | null;
    readonly process: { readonly pid: number; readonly command: Harmless } | null;
  };
  readonly probes: readonly ProbeResult[];
  readonly idle: ServerIdle;
  readonly said: Said | null;
  readonly comparisons: readonly Comparison[];
  /** `one` if a client was given. */
  readonly compared: 'one' | 'all';
  readonly settings: readonly Setting[];
  readonly silence: Silence;
  /** null if it was not requested, or if the server was not seen to close. */
  readonly provoked: readonly Provoked[] | null;
  readonly verdict: Comparison['verdict'];
  readonly durationMs: number;
}

/** Long enough for servers' default timeouts (nginx: 75 s). */
const usualMs = 80_000;
const leastWindowMs = 0.1;

/** Measures when the server closes idle connections, and compares this with its clients. */
export async function idle(options: IdleOptions): Promise<IdleResult> {
  const { place, client, forMs, progress, signal } = options;
  const startedAt = performance.now();
  const clientMs = client?.idleMs ?? null;
  const untilMs = (timeoutS: number | null) => {
    const keptMs = client === null ? null : keptBy(client, timeoutS);
    return keptMs === null ? undefined : keptMs + 2 * marginMs;
  };
  const { probes: measured, silence } = await measure({
    ...options,
    forMs: forMs ?? Math.max(usualMs, (clientMs ?? 0) + 2 * marginMs),
    asked: forMs === null ? 'no' : 'yes',
    untilMs,
  });
  const probes = withIdleCloses(measured);
  refuseWithoutAnswer(place, probes);
  const idle = serverIdleOf(probes);
  const head = probes.find(({ head }) => head !== null)?.head ?? null;
  const rtts = probes.flatMap(({ rttMs }) => rttMs ?? []);
  const windowMs = options.rttMs ?? Math.max(leastWindowMs, ...rtts);
  const load = { ratePerS: options.ratePerS, windowMs };
  const clients: readonly IdleClient[] = client === null ? Object.values(idleClients) : [client];
  const comparisons = clients.map((one) => compare(one, idle, head?.timeoutS ?? null, load));
  const process = place.where === 'here' ? listenerOf(place) : null;
  const server = { says: head?.server == null ? null : harmless(head.server), process };
  const provoked =
    idle.state !== 'closes' || options.provoke === null
      ? null
      : await provoke({ ...options.provoke, place, idleMs: idle.idleMs, signal, progress });
  const [worst] = comparisons.filter(({ verdict }) => verdict === 'race possible');
  const known = { says: server.says, runs: process?.command ?? null };
  const serverMs = idle.state === 'closes' ? idle.idleMs : null;
  return {
    ...{ place, server, probes, idle, comparisons, silence, provoked },
    said: saidBy(head, idle),
    compared: client === null ? 'all' : 'one',
    settings: client === null || worst === undefined ? [] : settingsFor(worst, known, serverMs),
    verdict: verdictOf(comparisons),
    durationMs: performance.now() - startedAt,
  };
}

/** @throws TcpcloseError `no-connection`, `no-answer` */
function refuseWithoutAnswer(place: FoundPlace, probes: readonly ProbeResult[]): void {
  const reasons = probes.flatMap(({ requests, ending }) =>
    requests > 0 && (ending.state === 'no connection' || ending.state === 'no answer') ? ending : [],
  );
  const used = probes.filter(({ requests }) => requests > 0);
  const [first] = reasons;
  if (first === undefined || reasons.length < used.length) return;
  const where = formatEndpoint(place);
  if (first.state === 'no answer') throw new TcpcloseError('no-answer', `${where}: ${first.reason}`);
  throw new TcpcloseError(
    'no-connection',
    first.reason === 'ECONNREFUSED'
      ? `nothing listens on ${where} (ECONNREFUSED): start the server, or give another port`
      : `${where} cannot be reached (${first.reason}): check the address and the port`,
  );
}

/**
 * The overall verdict. Of all known clients, one always waits longer, unless the server announces the end of each connection: otherwise only
 * a given client can be safe.
 */
function verdictOf(comparisons: readonly Comparison[]): Comparison['verdict'] {
  const verdicts = comparisons.map(({ verdict }) => verdict);
  if (verdicts.includes('race possible')) return 'race possible';
  return verdicts.every((verdict) => verdict === 'no race') ? 'no race' : 'not measured';
}

function listenerOf({ port, address }: FoundPlace): IdleResult['server']['process'] {
  try {
    const rows = withSockDiag(listeners).filter(({ local }) => local.port === port);
    const exact = rows.filter(({ local }) => local.address === address);
    const inodes = (exact.length > 0 ? exact : rows).flatMap(({ inode }) => inode ?? []);
    const { byInode } = findHolders((inode) => inodes.includes(inode));
    const [holder] = [...byInode.values()].flat();
    return holder === undefined ? null : { pid: holder.pid, command: commandLineOf(holder.pid) };
  } catch (error) {
    if (error instanceof SystemCallError) return null;
    throw error;
  }
}
