import { sameEndpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../keeper/protocol.ts';
import { tryBinding } from '../native/binding.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { listeners, socketsOnPort } from '../observe/port-table.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { commandLineOf, descendantsOf, readProcess, readProcesses } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { sleep } from '../time.ts';
import { causeOf } from './cause.ts';
import { clear } from './clearing.ts';
import { Client, openClients } from './clients.ts';
import type { Keeper, Run } from './keeper.ts';
import { becomesReady, type ServerOptions, startServer, type UserServer } from './server.ts';
import { listenersBefore, newListeners, type Target } from './target.ts';
import type { Ending, Observation, Probe, RoundResult, Survivor, Trial } from './trial.ts';

export interface RoundOptions extends ServerOptions {
  readonly clients: number;
  readonly request: string | undefined;
  readonly stopTimeoutMs: number;
  /** Whether to start it again and again until it listens. */
  readonly until: 'first failure' | 'recovered';
}

/** What a round works with. */
export interface Bench {
  readonly keeper: Keeper;
  readonly diag: SockDiag;
  readonly signal: AbortSignal;
  /** Told what is being waited for; with the time it ends by, in milliseconds of performance.now(), where that is known. */
  progress(what: string, endsAt?: number): void;
}

/** A server that waits for its clients is given so much time before they close. */
const politenessMs = 500;
const pollMs = 1;
const acceptPatienceMs = 5000;
const retryMs = 200;
const recoveryMarginMs = 15_000;

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
  const oldSockets = target.kind === 'tcp' ? socketsOnPort(diag, target.port, socketsOf(survivors)) : [];
  const seen = {
    target: placeOf(target),
    stopped,
    stopTimeoutMs: options.stopTimeoutMs,
    listenerOptions,
    oldSockets,
    oldProcesses: survivors.map(describeSurvivor),
  };
  if (stopped === null) return { ...seen, second: null, probe: null, outageMs: null };
  progress('it is started again');
  const attempt = await startAgain(bench, options, target, oldSockets);
  if (target.kind === 'tcp') seen.oldSockets = settled(diag, target.port, oldSockets);
  if (attempt.result === 'accepts') {
    return { ...seen, second: await secondOf(attempt), probe: null, outageMs: attempt.at - killedAt };
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
  return { ...seen, second, probe: bind, outageMs };
}

/** @throws TcpcloseError `no-right` for the process of another user */
function stop(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    throw new TcpcloseError(
      'not-stopped',
      `process ${pid} cannot be sent ${signal}: it has ended, or runs as another user`,
      error,
    );
  }
}

async function untilStopped(
  run: Run,
  pid: number,
  killedAt: number,
  { stopTimeoutMs }: RoundOptions,
  signal: AbortSignal,
): Promise<Observation['stopped']> {
  let ended: (Ending & { readonly at: number }) | undefined;
  if (pid === run.pid) {
    void run.exited.then((ending) => {
      ended = ending;
    });
  }
  for (const until = monotonicMs() + stopTimeoutMs; monotonicMs() < until; ) {
    if (ended !== undefined) {
      const { status, signal, at } = ended;
      return { status, signal, afterMs: Math.max(0, at - killedAt) };
    }
    // Of a process that somebody else waits for only the end is seen.
    if (pid !== run.pid && readProcess(pid)?.state !== 'alive') {
      return { status: null, signal: null, afterMs: monotonicMs() - killedAt };
    }
    await sleep(pollMs, signal);
  }
  return null;
}

interface Attempt {
  readonly run: Run;
  readonly result: 'accepts' | 'listens only' | 'failed';
  /** When the connection was accepted, or it was given up. */
  readonly at: number;
}

async function secondOf({ run, result }: Attempt): Promise<NonNullable<Observation['second']>> {
  return { ended: run.ending() ?? null, output: await run.output(), result, sockets: [], listensOn: [] };
}

/** One more start, until it has accepted a connection, has ended, or took too long. */
async function startAgain(
  { keeper, diag, signal }: Bench,
  options: RoundOptions,
  target: Target,
  old: readonly Row[],
): Promise<Attempt> {
  const before = { inodes: new Set(old.map(({ inode }) => inode ?? 0)) };
  const keeperPid = await keeper.pid;
  const run = await keeper.start(options.command);
  const failed = (): Attempt => ({ run, result: 'failed', at: monotonicMs() });
  for (const until = monotonicMs() + options.timeoutMs; monotonicMs() < until; ) {
    const ending = run.ending();
    if (ending !== undefined && (options.pidFile === undefined || ending.status !== 0)) return failed();
    if (isListening(diag, keeperPid, target, before)) {
      const client = await Client.connect(target).catch(() => undefined);
      if (client !== undefined) {
        if (options.request !== undefined) await client.request(options.request).catch(() => {});
        const accepted = await untilAccepted(diag, target, [client]);
        const at = monotonicMs();
        client.reset();
        const ready = accepted && (await becomesReady(run, target, options, signal));
        return { run, result: ready ? 'accepts' : 'listens only', at };
      }
    }
    await sleep(pollMs, signal);
  }
  return failed();
}

// No connection is tried before there is a listener: on a port that the kernel also gives to clients it could connect to itself.
function isListening(
  diag: SockDiag,
  keeperPid: number,
  target: Target,
  before: { readonly inodes: ReadonlySet<number> },
): boolean {
  if (target.kind === 'unix') return true;
  if (newListeners(diag, new Map(), before, target.port).length === 0) return false;
  // Where the first one was not of its own processes, but of a container's proxy, this one will not be either.
  const isOwn = ({ processes }: Row) => processes.length > 0;
  if (!target.listeners.some(isOwn)) return true;
  const holders = socketsOf(descendantsOf(keeperPid));
  return newListeners(diag, holders, before, target.port).some(isOwn);
}

/** Whether the server's program has accepted them: only then their sockets there have an inode. */
async function untilAccepted(diag: SockDiag, target: Target, clients: readonly Client[]): Promise<boolean> {
  if (target.kind === 'unix') return true;
  for (const until = monotonicMs() + acceptPatienceMs; monotonicMs() < until; ) {
    const sides = socketsOnPort(diag, target.port, new Map());
    const waiting = clients.some((client) =>
      sides.some((side) => client.isOf(side) && side.state === 'ESTABLISHED' && side.inode === 0),
    );
    if (!waiting) return true;
    await sleep(pollMs);
  }
  return false;
}

async function recover(
  bench: Bench,
  options: RoundOptions,
  target: Target,
  sockets: readonly Row[],
  killedAt: number,
): Promise<number | null> {
  const leftMs = Math.max(0, ...sockets.map(({ timer }) => timer?.leftMs ?? 0));
  const endsAt = performance.now() + leftMs;
  for (const until = endsAt + recoveryMarginMs; performance.now() < until; ) {
    bench.progress('the port is to become free', endsAt);
    const attempt = await startAgain(bench, options, target, sockets);
    if (attempt.result === 'accepts') return attempt.at - killedAt;
    await sleep(retryMs, bench.signal);
  }
  return null;
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
  if (target.kind === 'unix') return { path: target.path };
  return { address: target.listeners[0]?.local.address ?? '0.0.0.0', port: target.port };
}

/** Where the processes that the command has started since listen. */
function portsOf(diag: SockDiag, keeperPid: number, old: readonly number[]): number[] {
  const processes = descendantsOf(keeperPid).filter(({ pid }) => !old.includes(pid));
  const found = listeners(diag, socketsOf(processes)).filter((row) => row.processes.length > 0);
  return [...new Set(found.map(({ local }) => local.port))];
}

function describeSurvivor({ pid, parent, name }: { pid: number; parent: number; name: string }): Survivor {
  return { pid, parent, name, command: commandLineOf(pid) };
}
