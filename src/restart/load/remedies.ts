import { goAdvice } from './go-shutdown.ts';
import type { Language } from './language.ts';
import type { LossCode } from './loss-code.ts';
import { nodeAdvice } from './node-shutdown.ts';

type Remedies = Readonly<Partial<Record<Language, string>>> & { readonly other: string };

const handover =
  'keep a listener open across the restart (socket activation, which --listen-fds tries, or a reload that keeps it), or take the server out of its load balancer first (--pre-stop tries that)';

/** Programs that cannot take over a listener, but keep their own over a reload. */
const byReload = {
  nginx: reload('--reload HUP', 'to replace the program, --handover USR2'),
  HAProxy: reload('haproxy -W with --reload USR2', 'which replaces the program, too'),
};

function reload(how: string, program: string): string {
  return `reload it instead of restarting it: that keeps the listener (${how}; ${program}); or take the server out of its load balancer first (--pre-stop tries that)`;
}

const softStop =
  'stop it with --signal USR1, the soft stop, which lets the requests in flight end (HAProxy dies of TERM at once), and set hard-stop-after above the longest request';

const atQuit =
  'run it with its master process (master_process on), since QUIT ends it at once without one, and raise worker_shutdown_timeout above the longest request, or leave it out';

const stopFirst =
  'have its load balancer stop sending before the signal, by a preStop hook that sleeps (--pre-stop tries that)';

const ifNotYours = `; if the program is not yours, ${stopFirst}`;

/** Programs that close idle connections at once, and have no setting that makes them wait. */
const withoutSetting = { nginx: stopFirst, gunicorn: stopFirst, uvicorn: stopFirst, HAProxy: stopFirst };

const remedies: Readonly<Record<LossCode, Remedies>> = {
  'no-handler': {
    Node: `handle the signal ${nodeAdvice}`,
    Python:
      'handle the signal: signal.signal(signal.SIGTERM, ...) with a function that stops accepting, lets the requests in flight end, and then exits; of http.server: daemon_threads = False, server.shutdown() from another thread, then server.server_close()',
    HAProxy: softStop,
    Go: `handle the signal ${goAdvice}`,
    other:
      'handle the signal: stop accepting, let the requests in flight end, close the idle connections, then exit',
  },
  killed: {
    nginx:
      'run it with its master process (master_process on), send QUIT first, which then lets the requests in flight end, and KILL only after a limit (--drain)',
    gunicorn:
      'send TERM first, its graceful stop, and KILL only after a limit (--drain) above its --graceful-timeout',
    uvicorn: 'send TERM first, its graceful stop, and KILL only after a limit (--drain)',
    HAProxy:
      'send USR1 first, its soft stop (it dies of TERM at once), and KILL only after a limit (--drain)',
    Go: `send TERM first, and KILL only after a limit (--drain); handle it ${goAdvice}`,
    other:
      'send a signal that the server can handle first, such as TERM, and KILL only after a limit (--drain)',
  },
  'exits-at-once': {
    Node: `do not call process.exit() in the handler, since Node exits by itself when the last connection is closed; handle the signal ${nodeAdvice}`,
    nginx: 'stop it with --signal QUIT: TERM ends its workers at once',
    HAProxy: softStop,
    Go: `let main() end when Shutdown() has returned, ${goAdvice}`,
    other: 'wait in the handler until the requests in flight are answered, and exit then',
  },
  'drain-too-short': {
    Node: `raise the time limit in the handler above the longest request, and let no client keep its connection, ${nodeAdvice}`,
    nginx: 'raise worker_shutdown_timeout above the longest request, or leave it out',
    gunicorn: 'raise --graceful-timeout above the longest request',
    uvicorn: 'raise --timeout-graceful-shutdown above the longest request, or leave it out',
    HAProxy: 'raise hard-stop-after above the longest request',
    Go: 'give Shutdown() a context without a deadline, or with one above the longest request',
    other: 'raise the time limit of the shutdown above the longest request',
  },
  'drain-too-long': {
    other:
      'raise the limit (--drain, and that of the real supervisor) above the longest request, or limit the requests',
  },
  'stops-listening-before-drain': {
    Node: "wait in the handler for as long as the load balancer needs before you close the listener: process.once('SIGTERM', () => setTimeout(shutDown, 5000)), where shutDown() is what the handler does now",
    other:
      'keep listening after the signal for as long as the load balancer needs, by a delay in the handler or a preStop hook that sleeps',
  },
  'accept-queue-dropped': {
    Node: `close the listener when its queue is empty, ${nodeAdvice}`,
    other:
      'go on accepting for a moment after the signal, and close the listener when its queue is empty; or hand the listener over (--listen-fds tries that)',
  },
  'no-connection-close': {
    ...withoutSetting,
    Node: "set res.setHeader('Connection', 'close') on every answer after the signal",
    other: `send "Connection: close" with every answer after the signal, before you close a connection${ifNotYours}`,
  },
  'cuts-keep-alive': {
    ...withoutSetting,
    Node: `close an idle connection only after a "Connection: close" on it, ${nodeAdvice}`,
    Go: `close an idle connection only after a "Connection: close" on it, ${goAdvice}`,
    other: `keep idle connections open for some seconds after the signal, answer on them with "Connection: close", and close the rest then${ifNotYours}`,
  },
  'cuts-requests': {
    ...withoutSetting,
    Node: `do not call server.closeAllConnections() or socket.destroy() before the requests in flight are answered; handle the signal ${nodeAdvice}`,
    Go: `call Shutdown(), not Close(), ${goAdvice}`,
    other: `close only connections without a request in flight${ifNotYours}`,
  },
  'not-answered': {
    other:
      'answer every request that was read before the signal, or close its connection: it did neither (its output may say why)',
  },
  'answers-with-errors': {
    other: 'answer requests that arrive after the signal as before, with "Connection: close"',
  },
  'second-start-loses': {
    other: 'listen only when the server is ready to answer',
  },
  'slow-start': {
    ...byReload,
    other: `start the new server before the old one stops: ${handover}`,
  },
  outage: { ...byReload, other: handover },
};

/** Remedies of a reload that differ from those of a restart. */
const ofReload: Readonly<Partial<Record<LossCode, string>>> = {
  'no-handler': 'choose the signal with which the server reloads, or handle it in the program',
  'drain-too-short':
    'raise the limit within which the old workers must end above the longest request (nginx: worker_shutdown_timeout, gunicorn: --graceful-timeout, HAProxy: hard-stop-after)',
  'accept-queue-dropped':
    'pass the listener on to the new process, instead of opening another one: closing a listener resets what its accept queue holds',
  'second-start-loses': 'look at its output and at its new configuration',
  outage: 'pass the listener on to the new process, or open the new one before the old one is closed',
};

/** Connections in a queue can be moved if another listener has the same port. */
export const queueOfHandover =
  'set net.ipv4.tcp_migrate_req=1, by which the kernel moves what the accept queue holds to the listener of the second start; or hand over the same listener (--listen-fds tries socket activation, --handover USR2 a server that passes it on)';

export function remedyOfReload(cause: LossCode): string {
  return ofReload[cause] ?? remedies[cause].other;
}

/** In the terms of the server's own language, if its remedy differs. */
export function remedyFor(cause: LossCode, language: Language, signal: NodeJS.Signals): string {
  const known = remedies[cause];
  // A soft stop waits for requests: those that it lost were on their way to an idle connection.
  if (language === 'HAProxy' && signal === 'SIGUSR1' && known.HAProxy === softStop) return stopFirst;
  // The remedy recommends the very signal that was sent.
  if (language === 'nginx' && signal === 'SIGQUIT' && cause === 'exits-at-once') return atQuit;
  return known[language] ?? known.other;
}
