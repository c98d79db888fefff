import type { Harmless } from '../foreign.ts';
import { monotonicMs } from '../native/clock.ts';
import type { Call, Watching } from '../supervisor/calls/call.ts';
import type { Children } from './children.ts';
import { type CommandEnd, CommandRun } from './command-run.ts';
import type { FailedBind } from './failed-bind.ts';
import { Failures } from './failures.ts';
import { isUnexplained, lookRightAfter } from './right-after.ts';

type RunEvent =
  | { readonly type: 'bind failed'; readonly failure: FailedBind }
  | { readonly type: 'not watched' | 'only Node watched'; readonly reason: Harmless }
  | { readonly type: 'without privileges'; readonly reason: Harmless };

interface Following {
  readonly children: Children;
  onEvent(event: RunEvent): void;
  /** Called once, with a function that passes a signal on to the command. */
  onStart(pass: (signal: NodeJS.Signals) => void): void;
}

/** The kernel does not allow calls to be watched, for this reason. Node programs report theirs. */
export type WatchingNode = { readonly state: 'Node only'; readonly reason: Harmless };

export interface RunResult extends CommandEnd {
  readonly watching: Watching | WatchingNode;
  /** Why programs ran without the privileges that they would otherwise have had. */
  readonly disturbed: readonly Harmless[];
  readonly failures: readonly FailedBind[];
  readonly durationMs: number;
}

/** After this time, a predicted result has been seen, unless the socket is gone. */
const confirmedAfterMs = 250;

/**
 * Runs a command with this process's own standard descriptors, and watches the binds below it.
 * @throws NotStarted; TcpcloseError
 */
export async function runCommand(
  words: readonly string[],
  { onEvent, onStart, children }: Following,
): Promise<RunResult> {
  const startedAt = monotonicMs();
  let pid = 0;
  let watching: RunResult['watching'] = { state: 'on' };
  const disturbed: Harmless[] = [];
  const failures = new Failures(() => pid, startedAt);
  const unreported = new Map<
    number,
    { readonly failure: FailedBind; readonly timer: NodeJS.Timeout | undefined }
  >();

  const report = (number: number) => {
    const pending = unreported.get(number);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    unreported.delete(number);
    onEvent({ type: 'bind failed', failure: pending.failure });
  };
  const explaining = new Set<Promise<void>>();
  const explain = async (call: Call) => {
    const found = await lookRightAfter(call);
    const failure = found && failures.explain(call, found.inTheWay, found.witnesses);
    const pending = unreported.get(call.number);
    if (failure !== undefined && pending !== undefined) unreported.set(call.number, { ...pending, failure });
    report(call.number);
  };
  const onCall = (call: Call) => {
    // A Node program reports a call that has returned.
    const failure = failures.add(call, watching.state === 'on' ? 'while it waited' : 'right after it');
    if (failure !== undefined && isUnexplained(call, failure)) {
      unreported.set(call.number, { failure, timer: undefined });
      const explained = explain(call).finally(() => explaining.delete(explained));
      explaining.add(explained);
    } else if (failure !== undefined)
      unreported.set(call.number, {
        failure,
        timer: setTimeout(() => report(call.number), confirmedAfterMs),
      });
    if (call.result === 'ok') {
      // The obstacle went away between our look and its own bind.
      clearTimeout(unreported.get(call.number)?.timer);
      unreported.delete(call.number);
    } else if (call.seen === 'afterwards' && unreported.get(call.number)?.timer !== undefined)
      report(call.number);
  };

  const command = new CommandRun(
    words,
    (notification) => {
      switch (notification.type) {
        case 'watching':
          if (notification.whyNot === null) break;
          watching = { state: notification.byNode ? 'Node only' : 'off', reason: notification.whyNot };
          onEvent({
            type: notification.byNode ? 'only Node watched' : 'not watched',
            reason: notification.whyNot,
          });
          break;
        case 'disturbed':
          if (disturbed.includes(notification.reason)) break;
          disturbed.push(notification.reason);
          onEvent({ type: 'without privileges', reason: notification.reason });
          break;
        case 'started':
          pid = notification.pid;
          break;
        case 'witnesses':
          failures.witness(notification.number, notification.witnesses);
          break;
        case 'call':
          onCall(notification.call);
          break;
      }
    },
    children,
  );
  onStart((signal) => command.signal(signal));
  try {
    const end = await command.end();
    await Promise.all(explaining);
    for (const number of [...unreported.keys()]) report(number);
    const durationMs = Math.round(monotonicMs() - startedAt);
    return { ...end, watching, disturbed, failures: failures.all, durationMs };
  } finally {
    for (const { timer } of unreported.values()) clearTimeout(timer);
  }
}
