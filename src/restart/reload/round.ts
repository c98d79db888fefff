import { monotonicMs } from '../../native/clock.ts';
import type { Process } from '../../observe/processes.ts';
import { poll } from '../../time.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import type { LoadAccount } from '../load/account.ts';
import type { RoundLoad } from '../load/of-round.ts';
import type { Run } from '../run.ts';
import type { UserServer } from '../server.ts';
import { stop } from '../stopping.ts';
import type { Observation, Trial } from '../trial.ts';
import { unchangedMs } from './cause.ts';
import type { ListenersWatch } from './look.ts';
import { isNew, type Listeners, type ReloadBy } from './reload.ts';
import { changeOf, commonFacts, watchServer } from './watched.ts';

const pollMs = 20;

/**
 * Makes the server reload under the load, and observes which processes listen before and after.
 * @param processes those of the server (default: all that were started)
 */
export async function reloadUnderLoad(
  context: RoundContext,
  options: RoundOptions,
  trial: Trial,
  by: ReloadBy,
  server: UserServer,
  load: RoundLoad,
  processes?: () => readonly Process[],
): Promise<Observation> {
  const { supervisor, progress } = context;
  const { run } = server;
  const watched = await watchServer(context, server, processes);
  const { pid, watch } = watched;
  progress('waiting for the reload');
  load.beforeSignal('the end');
  const killedAt = monotonicMs();
  watch.since = killedAt;
  const before = watch.look('with connections');
  if (by.kind === 'signal') stop(pid, by.signal);
  load.signalled(killedAt);
  let ended: { readonly at: number } | undefined;
  void run.exited.then((ending) => {
    ended = ending;
  });
  const command = by.kind === 'command' ? await startCommand(context, options, by.command, pid) : undefined;
  const lastChangeAt = await untilOver(context, options, watch, before, killedAt, command);
  const reloadedAt = lastChangeAt ?? monotonicMs();
  const answer = await load.probe();
  await load.goOn();
  const after = watch.look('with connections');
  await supervisor.settled();
  const mainEnded = run.ending() ?? null;
  const isGone = after.inodes.length === 0 && mainEnded !== null;
  const diesOfIt = by.kind === 'signal' && mainEnded?.signal === by.signal;
  const account = await load.accountOfReload({
    ...{ signal: trial.signal, startedAt: null, reloadedAt },
    exit: !isGone ? 'not' : diesOfIt ? 'by the signal' : 'by itself',
    exitedAt: isGone ? (ended?.at ?? reloadedAt) : null,
    exitSeenBy: isGone ? 'wait' : null,
  });
  const atEnd = watch.look('short');
  return {
    ...commonFacts(context, options, server, watched, before, trial.signal),
    reload: {
      by,
      ...changeOf(before, after),
      takenBy: load.takenBy,
      lastChangeMs: lastChangeAt === null ? null : lastChangeAt - killedAt,
      commandEnded: command?.ending() ?? null,
      mainEnded: run.ending() ?? null,
      answer: { class: answer?.class ?? 'not made', status: answer?.status ?? null },
      listensAtEnd: atEnd.inodes.length > 0 ? 'yes' : 'no',
      output: await (command ?? run).output(),
    },
    load: by.kind === 'signal' ? account : sinceCommand(account),
  };
}

/** Without a signal, times count from the command. */
function sinceCommand(account: LoadAccount | null): LoadAccount | null {
  if (account === null) return null;
  const own = (text: string) => text.replaceAll('the signal', 'the command began');
  return {
    ...account,
    reason: account.reason === null ? null : own(account.reason),
    losses: account.losses.map((loss) => ({ ...loss, explanation: own(loss.explanation) })),
    notes: account.notes.map(own),
  };
}

/** Runs the command as systemd runs ExecReload: with the pid of the main process as $MAINPID. */
function startCommand(
  { supervisor }: RoundContext,
  { command: { folder, environment } }: RoundOptions,
  command: string,
  pid: number,
): Promise<Run> {
  return supervisor.start({
    words: ['/bin/sh', '-c', command],
    folder,
    environment: { ...environment, MAINPID: String(pid) },
    ready: undefined,
  });
}

/** When the set of listeners last changed; null if it never did. */
async function untilOver(
  { signal }: RoundContext,
  { settleMs, timeoutMs }: RoundOptions,
  watch: ListenersWatch,
  before: Listeners,
  killedAt: number,
  command: Run | undefined,
): Promise<number | null> {
  let last = keyOf(before);
  let changedAt: number | null = null;
  const isOver = () => {
    const now = watch.look('short');
    const key = keyOf(now);
    if (key !== last) changedAt = monotonicMs();
    last = key;
    const somethingNew =
      now.processes.some((process) => isNew(process, before)) ||
      now.inodes.some((inode) => !before.inodes.includes(inode));
    const isDone = command === undefined || command.ending() !== undefined || somethingNew;
    const patienceMs = changedAt === null ? Math.max(settleMs, unchangedMs) : settleMs;
    return isDone && monotonicMs() - (changedAt ?? killedAt) >= patienceMs;
  };
  const withinMs = timeoutMs - (monotonicMs() - killedAt);
  await poll('the last change of who listens', isOver, { withinMs, everyMs: pollMs, signal });
  return changedAt;
}

function keyOf({ processes, inodes }: Listeners): string {
  return `${processes.map(({ pid }) => pid).sort()} ${[...inodes].sort()}`;
}
