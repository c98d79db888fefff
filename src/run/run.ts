import type { Harmless } from '../foreign.ts';
import { monotonicMs } from '../native/clock.ts';
import type { Call, Watching } from '../supervisor/calls/call.ts';
import { type CommandEnd, CommandRun } from './command-run.ts';
import type { FailedBind } from './failed-bind.ts';
import { Failures } from './failures.ts';
import { isUnexplained, lookRightAfter } from './right-after.ts';

export type RunEvent =
  | { readonly type: 'bind failed'; readonly failure: FailedBind }
  | { readonly type: 'not watched' | 'only Node watched'; readonly reason: Harmless }
  | { readonly type: 'without privileges'; readonly reason: Harmless };

export interface Following {
  onEvent(event: RunEvent): void;
  /** Called once, with what passes a signal on to the command. */
  onStart(pass: (signal: NodeJS.Signals) => void): void;
}

/** The kernel lets nobody watch the calls, for that reason: programs of Node report theirs. */
export type WatchingNode = { readonly state: 'Node only'; readonly reason: Harmless };

export interface RunResult extends CommandEnd {
  readonly watching: Watching | WatchingNode;
  /** Why programs ran without the privileges that they would have had. */
  readonly disturbed: readonly Harmless[];
  readonly failures: readonly FailedBind[];
  readonly durationMs: number;
}

/** A result that was predicted is seen by then, unless the socket is gone. */
const confirmedAfterMs = 250;

/**
 * Runs a command with this process's own standard descriptors, and watches the binds below it.
 * @throws NotStarted; TcpcloseError
 */
export async function runCommand(
  words: readonly string[],
  { onEvent, onStart }: Following,
): Promise<RunResult> {
  const startedAt = monotonicMs();
  let pid = 0;
  let watching: RunResult['watching'] = { state: 'on' };
  const disturbed: Harmless[] = [];
  const failures = new Failures(() => pid, startedAt);
  const untold = new Map<
    number,
    { readonly failure: FailedBind; readonly timer: NodeJS.Timeout | undefined }
  >();

  const tell = (number: number) => {
    const pending = untold.get(number);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    untold.delete(number);
    onEvent({ type: 'bind failed', failure: pending.failure });
  };
  const explaining = new Set<Promise<void>>();
  const explain = async (call: Call) => {
    const found = await lookRightAfter(call);
    const failure = found && failures.explain(call, found.inTheWay, found.witnesses);
    const pending = untold.get(call.number);
    if (failure !== undefined && pending !== undefined) untold.set(call.number, { ...pending, failure });
    tell(call.number);
  };
  const hear = (call: Call) => {
    // A program of Node reports a call that has returned.
    const failure = failures.add(call, watching.state === 'on' ? 'while it waited' : 'right after it');
    if (failure !== undefined && isUnexplained(call, failure)) {
      untold.set(call.number, { failure, timer: undefined });
      const explained = explain(call).finally(() => explaining.delete(explained));
      explaining.add(explained);
    } else if (failure !== undefined)
      untold.set(call.number, { failure, timer: setTimeout(() => tell(call.number), confirmedAfterMs) });
    if (call.result === 'ok') {
      // What was in its way went between our look and its own bind.
      clearTimeout(untold.get(call.number)?.timer);
      untold.delete(call.number);
    } else if (call.seen === 'afterwards' && untold.get(call.number)?.timer !== undefined) tell(call.number);
  };

  const command = new CommandRun(words, (heard) => {
    switch (heard.told) {
      case 'watching':
        if (heard.whyNot === null) break;
        watching = { state: heard.byNode ? 'Node only' : 'off', reason: heard.whyNot };
        onEvent({ type: heard.byNode ? 'only Node watched' : 'not watched', reason: heard.whyNot });
        break;
      case 'disturbed':
        if (disturbed.includes(heard.reason)) break;
        disturbed.push(heard.reason);
        onEvent({ type: 'without privileges', reason: heard.reason });
        break;
      case 'started':
        pid = heard.pid;
        break;
      case 'witnesses':
        failures.witness(heard.number, heard.witnesses);
        break;
      case 'call':
        hear(heard.call);
        break;
    }
  });
  onStart((signal) => command.signal(signal));
  try {
    const end = await command.end();
    await Promise.all(explaining);
    for (const number of [...untold.keys()]) tell(number);
    const durationMs = Math.round(monotonicMs() - startedAt);
    return { ...end, watching, disturbed, failures: failures.all, durationMs };
  } finally {
    for (const { timer } of untold.values()) clearTimeout(timer);
  }
}
