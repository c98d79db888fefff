import { monotonicMs } from '../keeper/protocol.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { socketsOnPort } from '../observe/port-table.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { descendantsOf } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { sleep } from '../time.ts';
import type { Bench, RoundOptions } from './bench.ts';
import { Client } from './clients.ts';
import type { Run } from './keeper.ts';
import { becomesReady } from './server.ts';
import { newListeners, type Target } from './target.ts';

const pollMs = 1;
const acceptPatienceMs = 5000;
const retryMs = 200;
const recoveryMarginMs = 15_000;

/** What came of a start. */
export interface Attempt {
  readonly run: Run;
  readonly result: 'accepts' | 'listens only' | 'failed';
  /** When the connection was accepted, or it was given up. */
  readonly at: number;
}

/** One more start, until it has accepted a connection, has ended, or took too long. */
export async function startAgain(
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
export async function untilAccepted(
  diag: SockDiag,
  target: Target,
  clients: readonly Client[],
): Promise<boolean> {
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

/** Starts it until it accepts a client: how long that was after the signal; null if the port did not become free. */
export async function recover(
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
