import { monotonicMs } from '../../native/clock.ts';
import { textOf } from '../../proc-files.ts';
import { poll, sleep } from '../../time.ts';
import { atMost } from '../../waiting.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import type { LoadAccount } from '../load/account.ts';
import { exitSeenBy, type RoundLoad } from '../load/of-round.ts';
import { saysInUse } from '../output-words.ts';
import { callsAt } from '../own-calls.ts';
import type { UserServer } from '../server.ts';
import { stop, untilStopped } from '../stopping.ts';
import type { Observation } from '../trial.ts';
import type { ListenersWatch } from './look.ts';
import { type Handover, isNew, type Listeners, type ReloadBy } from './reload.ts';
import { changeOf, commonFacts, watchServer } from './watched.ts';

const pollMs = 10;
/** Longer than for one server: of two processes that share a listener, one may get all connections. */
const acceptedWithinMs = 5000;

/** Starts the server a second time under the load, sends the signal to the first start when the second one listens, and waits for its end. */
export async function handOverUnderLoad(
  context: RoundContext,
  options: RoundOptions,
  by: Extract<ReloadBy, { kind: 'handover' }>,
  server: UserServer,
  load: RoundLoad,
): Promise<Observation> {
  const { supervisor, progress, signal } = context;
  const { target, run } = server;
  const watched = await watchServer(context, server);
  const { pid, disposition, watch } = watched;
  progress('waiting for the second start to listen beside the first', atMost(options.timeoutMs));
  load.beforeSignal('the end');
  const from = monotonicMs();
  watch.since = from;
  const before = watch.look('with connections');
  const second = by.by === undefined ? await supervisor.start(options.command) : undefined;
  if (by.by !== undefined) stop(pid, by.by);
  const listener = context.kept !== undefined || by.by !== undefined ? 'passed' : 'its own';
  // A successor that the server starts itself is known only by its listener.
  const started = second ?? run;
  const runs = () =>
    started.ending() === undefined || (server.foreground === 'no' && started.ending()?.status === 0);
  const listensAt = await untilListens(context, options, watch, before, runs, listener);
  if (listensAt !== null) await sleep(options.settleMs, signal);
  const toldAt = monotonicMs();
  load.signalled(toldAt);
  progress('waiting for the first start to exit', atMost(options.stopTimeoutMs));
  const isThere = listensAt !== null && runs();
  if (isThere) stop(pid, by.signal);
  const stopped = isThere ? await untilStopped(run, pid, toldAt, options, signal) : null;
  const answer = await load.probe();
  await load.goOn();
  const after = watch.look('with connections');
  await supervisor.settled();
  const isHandled = disposition?.caught.includes(by.signal) || disposition?.awaited.includes(by.signal);
  const diesOfIt = stopped?.signal === by.signal && !isHandled;
  const stoppedAt = stopped === null ? null : toldAt + stopped.afterMs;
  const account = await load.accountOfReload({
    exit:
      stopped === null
        ? 'not'
        : by.signal === 'SIGKILL'
          ? 'killed'
          : diesOfIt
            ? 'by the signal'
            : 'by itself',
    signal: by.signal,
    exitedAt: stoppedAt,
    exitSeenBy: exitSeenBy(stopped),
    startedAt: from,
    handoverFrom: from,
  });
  const output = await started.output();
  const calls = callsAt(target, started.calls).filter(({ at }) => at > from);
  const inUse = calls.some(({ result }) => result === 'EADDRINUSE');
  const change = changeOf(before, after);
  return {
    ...commonFacts(context, options, server, watched, before, by.signal),
    reload: {
      by,
      ...change,
      lastChangeMs: listensAt === null ? null : (stoppedAt ?? listensAt) - from,
      commandEnded: second?.ending() ?? null,
      mainEnded: stopped ?? (second === undefined ? (run.ending() ?? null) : null),
      answer: { class: answer?.class ?? 'not made', status: answer?.status ?? null },
      listensAtEnd: change.added.length > 0 ? 'yes' : 'no',
      handover: {
        listensMs: listensAt === null ? null : listensAt - from,
        listener: listensAt !== null && change.listener === 'stayed' ? 'passed' : listener,
        inUse: inUse || saysInUse(output) ? 'yes' : 'no',
        toldMs: isThere ? toldAt - from : null,
        stoppedMs: stoppedAt === null ? null : stoppedAt - from,
      },
      output,
    },
    load: change.listener === 'stayed' ? account : withMigration(account),
  };
}

/** When a process of the second start listens; null if it does not. */
async function untilListens(
  { signal }: RoundContext,
  { timeoutMs }: RoundOptions,
  watch: ListenersWatch,
  before: Listeners,
  runs: () => boolean,
  listener: Handover['listener'],
): Promise<number | null> {
  const since = monotonicMs();
  const look = () => {
    const detail = listener === 'passed' ? 'with connections' : 'short';
    const added = watch.look(detail).processes.filter((process) => isNew(process, before));
    // A passed listener exists from the beginning, so the second start serves once it has accepted a connection.
    const serves =
      listener === 'passed' ? added.some(({ connections }) => connections > 0) : added.length > 0;
    if (serves) return monotonicMs();
    if (!runs()) return null;
    return added.length > 0 && monotonicMs() - since > acceptedWithinMs ? monotonicMs() : undefined;
  };
  const patience = { withinMs: timeoutMs, everyMs: pollMs, signal };
  return (await poll('the second start to listen', look, patience)) ?? null;
}

function withMigration(account: LoadAccount | null): LoadAccount | null {
  if (account === null) return null;
  const value = textOf('/proc/sys/net/ipv4/tcp_migrate_req').trim();
  const note =
    value === ''
      ? 'This kernel has no net.ipv4.tcp_migrate_req (Linux 5.14): connections in the accept queue of the first listener are reset when it closes.'
      : value === '0'
        ? 'net.ipv4.tcp_migrate_req is 0 here: connections in the accept queue of the first listener are reset when it closes; with 1 the kernel moves them to the second one.'
        : `net.ipv4.tcp_migrate_req is ${value} here: when the first listener closes, the kernel moves the connections in its accept queue to the second one.`;
  return { ...account, notes: [...account.notes, note] };
}
