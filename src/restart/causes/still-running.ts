import type { SignalDisposition } from '../../observe/proc/status.ts';
import { formatSpan } from '../../time.ts';
import type { Cause, Observation } from '../trial.ts';

/** Why the old process has not ended: the signal had no effect, or it waits for something. */
export function stillRunning(seen: Observation): Cause {
  const { disposition, signal } = seen;
  if (disposition !== null) {
    const without = withoutEffect(disposition, signal);
    if (without !== undefined) return { code: 'signal-ignored', ...without };
  }
  return seen.stillListening.length > 0 ? doesNotAct(seen) : waits(seen);
}

function withoutEffect(
  { ignored, caught, awaited, role }: SignalDisposition,
  signal: NodeJS.Signals,
): Omit<Cause, 'code'> | undefined {
  const another = anotherSignal(caught, signal);
  if (ignored.includes(signal)) {
    return {
      explanation: `The process that got ${signal} ignores it (SigIgn in its /proc/<pid>/status).`,
      remedy: `handle ${signal} in the program, or stop it by a signal that it acts on: ${another}`,
    };
  }
  if (role === 'init of a namespace' && !caught.includes(signal) && !awaited.includes(signal)) {
    return {
      explanation: `The process that got ${signal} is the first one of its pid namespace (NSpid), where ${signal} has no effect unless the program handles it.`,
      remedy: `handle ${signal} in the program, or start it below an init that does (docker run --init), or use ${another}`,
    };
  }
  return undefined;
}

/** One that the program handles, and if there is none the one that needs no handler. */
function anotherSignal(caught: readonly NodeJS.Signals[], signal: NodeJS.Signals): string {
  const order = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
  const found = order.find((one) => one !== signal && caught.includes(one)) ?? 'SIGKILL';
  return `--signal ${found.slice(3)}`;
}

function doesNotAct({ signal, stopTimeoutMs, disposition, toldProcess }: Observation): Cause {
  const handles = disposition?.caught.includes(signal) ? `handles ${signal}, but has` : 'has';
  const who = toldProcess === 'listened' ? 'it still listens' : 'the server below it still listens';
  return {
    code: 'signal-ignored',
    explanation: `The process that got ${signal} ${handles} not ended ${formatSpan(stopTimeoutMs)} after it, and ${who}: it does not act on the signal, or takes longer.`,
    remedy: `close the listener and exit when ${signal} comes (Node: server.close(), then process.exit()), allow more with --stop-timeout, or use ${anotherSignal(disposition?.caught ?? [], signal)}`,
  };
}

function waits({ stopTimeoutMs, oldSockets, probe, disposition, signal }: Observation): Cause {
  const open = oldSockets.filter(({ state, processes }) => state !== 'LISTEN' && processes.length > 0).length;
  const connections = open === 1 ? '1 open connection' : `${open} open connections`;
  const waits = open === 0 ? '' : ` It still has ${connections}, which it may be waiting for.`;
  const beside =
    probe?.withReuseAddress === 'ok'
      ? ` Its listener is closed: a second start beside it can listen now${probe.withoutReuseAddress === 'ok' ? '' : ', with SO_REUSEADDR'}.`
      : '';
  const how = disposition?.caught.includes(signal) ? ` It handles ${signal}.` : '';
  return {
    code: 'still-running',
    explanation: `The old process had not exited ${formatSpan(stopTimeoutMs)} after the signal.${how}${waits}${beside}`,
    remedy:
      'end idle connections when told to stop (Node: server.closeAllConnections()), give the wait a limit, or allow more with --stop-timeout',
  };
}
