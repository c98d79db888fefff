import { many } from '../../many.ts';
import type { SignalDisposition } from '../../observe/proc/status.ts';
import { formatSpan } from '../../time.ts';
import type { Language } from '../load/language.ts';
import type { Cause, Observation } from '../trial.ts';
import { firstProcessIgnores } from './first-process.ts';

/** Why the old process has not ended: the signal had no effect, or the process waits for something. */
export function stillRunning(seen: Observation): Cause {
  const { listenerDisposition, signal } = seen;
  const without = withoutEffect(seen);
  if (without === undefined)
    return firstProcessIgnores(seen) ?? (hasNotActed(seen) ? doesNotAct(seen) : waits(seen));
  const below =
    listenerDisposition?.role === 'init of a namespace' ? ` ${ofInit('The server below it', signal)}` : '';
  return { code: 'signal-ignored', remedy: without.remedy, explanation: `${without.explanation}${below}` };
}

/** Whether the process ignored the signal: it still has its listener, or it never had one and a descendant still has one. */
function hasNotActed({ toldProcess, stillListening }: Observation): boolean {
  return toldProcess === 'listens' || (toldProcess === 'did not listen' && stillListening.length > 0);
}

function withoutEffect(seen: Observation): Omit<Cause, 'code'> | undefined {
  const { disposition, dispositionThen, signal, toldProcess } = seen;
  const another = anotherSignal(disposition, signal);
  if (disposition?.ignored.includes(signal)) {
    return {
      explanation: `The process that got ${signal} ignores it (SigIgn in its /proc/<pid>/status).`,
      remedy: `handle ${signal} in the program, or stop it with a signal that it acts on: ${another}`,
    };
  }
  if (dispositionThen?.pending.includes(signal)) {
    return {
      explanation: `The process that got ${signal} has not received it: it blocks the signal, or is stopped (ShdPnd in its /proc/<pid>/status).`,
      remedy: `make the program handle ${signal}, or stop it with a signal that cannot be blocked: --signal KILL`,
    };
  }
  if (disposition?.role === 'init of a namespace' && toldProcess === 'listens') {
    return {
      explanation: ofInit('The process that got it', signal),
      remedy: `handle ${signal} in the program, or start it below an init that does (docker run --init), or use --signal KILL`,
    };
  }
  return undefined;
}

function ofInit(who: string, signal: string): string {
  return `${who} is the first process of its pid namespace (NSpid), where ${signal} has no effect unless the program itself handles it.`;
}

/** A signal that the program handles; SIGKILL if it handles none. */
function anotherSignal(disposition: SignalDisposition | null, signal: NodeJS.Signals): string {
  const order = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
  const found = order.find((one) => one !== signal && disposition?.caught.includes(one)) ?? 'SIGKILL';
  return `--signal ${found.slice(3)}`;
}

function doesNotAct({ signal, stopTimeoutMs, disposition, toldProcess }: Observation): Cause {
  const handles = disposition?.caught.includes(signal) ? `handles it, but has` : 'has';
  const who = toldProcess === 'listens' ? 'it still listens' : 'the server below it still listens';
  return {
    code: 'signal-ignored',
    explanation: `The process that got ${signal} ${handles} not ended ${formatSpan(stopTimeoutMs)} after it, and ${who}: it does not act on the signal, or takes longer.`,
    remedy: `close the listener and exit when ${signal} comes (Node: server.close(), then process.exit()), allow more time with --stop-timeout, or use ${anotherSignal(disposition, signal)}`,
  };
}

function waits(seen: Observation): Cause {
  const { load } = seen;
  const { stopTimeoutMs, oldSockets, probe, disposition, signal, stillListening, language } = seen;
  const open = oldSockets.filter(({ state, processes }) => state !== 'LISTEN' && processes.length > 0).length;
  const handles = disposition?.caught.includes(signal) ? ` It handles ${signal}.` : '';
  const connections = many(open, 'open connection');
  const waits = open === 0 ? '' : ` It still has ${connections}, which it may be waiting for.`;
  const [worker] = stillListening;
  const below =
    worker === undefined ? '' : ` It has closed its listener, but process ${worker} below it still has it.`;
  const option = probe?.withoutReuseAddress === 'ok' ? '' : ', with SO_REUSEADDR';
  const beside =
    probe?.withReuseAddress === 'ok'
      ? ` Its listener is closed: a second start beside it can listen now${option}.`
      : '';
  return {
    code: 'still-running',
    explanation: `The old process had not exited ${formatSpan(stopTimeoutMs)} after the signal.${handles}${waits}${below}${beside}`,
    remedy: limits[language] ?? (load !== null && open > 0 ? underLoad : atRest),
  };
}

const moreTime = 'or allow more time with --stop-timeout';

/** How to limit the wait for open connections in each program. */
const limits: Readonly<Partial<Record<Language, string>>> = {
  nginx: `set worker_shutdown_timeout in its configuration, which limits how long the workers wait for open connections, ${moreTime}`,
  gunicorn: `set --graceful-timeout below --stop-timeout: it limits how long the workers wait for open connections (default: 30 s); ${moreTime}`,
  uvicorn: `set --timeout-graceful-shutdown, which limits how long it waits for open connections (uvicorn 0.22 or later; before that, run it below gunicorn with -k uvicorn.workers.UvicornWorker and --graceful-timeout), ${moreTime}`,
  HAProxy: `set hard-stop-after in its global section, which limits how long it waits for open connections, ${moreTime}`,
  Go: `give Shutdown() a context with a deadline (context.WithTimeout), and call Close() if it returns an error: without a deadline it waits for every open request; ${moreTime}`,
};

const atRest = `close idle connections on the signal (Node: server.closeAllConnections()), limit the wait, ${moreTime}`;

/** A client that makes one request after another keeps its connection open, and thereby the server. */
const underLoad =
  "send \"Connection: close\" with every answer after the signal (Node: res.setHeader('Connection', 'close')), limit the wait, or set --drain";
