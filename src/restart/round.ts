import { sameEndpoint } from '../address.ts';
import { harmless } from '../foreign.ts';
import { monotonicMs } from '../keeper/protocol.ts';
import { tryBinding } from '../native/binding.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { listeners, socketsOnPort } from '../observe/port-table.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { commandLineOf, descendantsOf, type Process, readProcesses } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import type { Bench, RoundOptions } from './bench.ts';
import { causeOf } from './cause.ts';
import { clear } from './clearing.ts';
import { type Client, openClients } from './clients.ts';
import { type Attempt, recover, startAgain, untilAccepted } from './second-start.ts';
import { startServer, type UserServer } from './server.ts';
import { stop, untilStopped } from './stopping.ts';
import { listenersBefore, type Target } from './target.ts';
import type { Observation, Probe, RoundResult, Survivor, Trial } from './trial.ts';

/** A server that waits for its clients is given so much time before they close. */
const politenessMs = 500;

/** Starts the server, connects, stops it, and starts it again; takes all down afterwards. */
export async function restartOnce(bench: Bench, options: RoundOptions, trial: Trial): Promise<RoundResult> {
  const { keeper, diag, signal, progress } = bench;
  const before = listenersBefore(diag);
  progress('it starts');
  const server = await startServer(keeper, diag, before, options, signal);
  const { target } = server;
  progress('clients connect');
  const clients = await openClients(target, options.clients, options.request);
  try {
    await untilAccepted(diag, target, clients);
    const seen = await restart(bench, options, trial, server, clients);
    const failed = seen.second?.result !== 'accepts';
    return { ...seen, verdict: failed ? 'fails' : 'survives', cause: failed ? causeOf(seen) : null };
  } finally {
    for (const client of clients) client.reset();
    await keeper.sweep(politenessMs);
    const ends = clients.map(({ local }) => local);
    await clear(diag, target, ends);
  }
}

async function restart(
  bench: Bench,
  options: RoundOptions,
  trial: Trial,
  server: UserServer,
  clients: readonly Client[],
): Promise<Observation> {
  const { keeper, diag, progress } = bench;
  const { target, listenerOptions } = server;
  const keeperPid = await keeper.pid;
  server.refuseBackground();
  const pid = server.mainPid(keeperPid);
  const close = () => Promise.all(clients.map((client) => client.close()));
  if (trial.order === 'client-first') await close();
  progress('it stops');
  const killedAt = monotonicMs();
  stop(pid, trial.signal);
  const closing = trial.clients === 'close' ? setTimeout(() => void close(), politenessMs) : undefined;
  const stopped = await untilStopped(server.run, pid, killedAt, options, bench.signal);
  clearTimeout(closing);
  if (trial.clients === 'close') await close();
  const survivors = descendantsOf(keeperPid).filter((process) => process.pid !== pid || stopped === null);
  const left = target.kind === 'tcp' ? socketsOnPort(diag, target.port, socketsOf(survivors)) : [];
  const seen = {
    target: placeOf(target),
    stopped,
    stopTimeoutMs: options.stopTimeoutMs,
    listenerOptions,
    oldSockets: left,
    oldProcesses: survivors.map(describeSurvivor),
  };
  if (stopped === null) return { ...seen, second: null, probe: null, outageMs: null };
  progress('it is started again');
  const attempt = await startAgain(bench, options, target, left);
  const oldSockets = target.kind === 'tcp' ? settled(diag, target.port, left) : [];
  if (attempt.result === 'accepts') {
    return {
      ...seen,
      oldSockets,
      second: await secondOf(attempt),
      probe: null,
      outageMs: attempt.at - killedAt,
    };
  }
  const processes = socketsOf(readProcesses().values());
  const sockets = target.kind === 'tcp' ? socketsOnPort(diag, target.port, processes) : [];
  const second = {
    ...(await secondOf(attempt)),
    sockets,
    listensOn: portsOf(
      diag,
      keeperPid,
      survivors.map(({ pid }) => pid),
    ),
  };
  const bind = 'path' in seen.target ? null : probe(seen.target);
  const outageMs =
    options.until === 'recovered' ? await recover(bench, options, target, sockets, killedAt) : null;
  return { ...seen, oldSockets, second, probe: bind, outageMs };
}

async function secondOf({ run, result }: Attempt): Promise<NonNullable<Observation['second']>> {
  return { ended: run.ending() ?? null, output: await run.output(), result, sockets: [], listensOn: [] };
}

function probe({ address: host, port }: { readonly address: string; readonly port: number }): Probe {
  const bind = (reuseAddress: 'on' | 'off') =>
    tryBinding({ host, reuseAddress, reusePort: 'off' }, port, 'not').bind;
  return { withoutReuseAddress: bind('off'), withReuseAddress: bind('on') };
}

/** The same sockets as they are now: a FIN that had just been sent has been acknowledged meanwhile. */
function settled(diag: SockDiag, port: number, sockets: readonly Row[]): Row[] {
  const now = socketsOnPort(diag, port, new Map());
  return sockets.map((socket) => {
    const later = now.find(({ remote }) => sameEndpoint(remote, socket.remote));
    return socket.inode === 0 && later?.inode === 0 ? later : socket;
  });
}

function placeOf(target: Target): Observation['target'] {
  if (target.kind === 'unix') return { path: harmless(target.path) };
  return { address: target.listeners[0]?.local.address ?? '0.0.0.0', port: target.port };
}

/** Where the processes that the command has started since listen. */
function portsOf(diag: SockDiag, keeperPid: number, old: readonly number[]): number[] {
  const processes = descendantsOf(keeperPid).filter(({ pid }) => !old.includes(pid));
  const found = listeners(diag, socketsOf(processes)).filter((row) => row.processes.length > 0);
  return [...new Set(found.map(({ local }) => local.port))];
}

function describeSurvivor({ pid, parent, name }: Process): Survivor {
  return { pid, parent, name, command: commandLineOf(pid) };
}
