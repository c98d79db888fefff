import { TcpcloseError } from '../errors.ts';
import { descendantsOf } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { formatSpan, poll } from '../time.ts';
import { type Choice, choose, listensElsewhere, type OtherListener, whichOne } from './choice.ts';
import type { RoundContext } from './context.ts';
import { describeEnding, endedEarly, notReady, wentAway } from './early-end.ts';
import { type Before, look } from './listening.ts';
import { awaitsListen } from './opening.ts';
import { clientOfDaemon, neverPublished, PublishedElsewhere } from './published-elsewhere.ts';
import { Quiet } from './quiet.ts';
import { isUnmatched } from './ready.ts';
import type { Run } from './run.ts';
import { foregroundOf, type ServerOptions } from './server-options.ts';
import type { Target } from './target.ts';
import { Debuggers } from './tools.ts';
import { unixTarget, unixTargetAt } from './unix-target.ts';
import { whyNotSeen } from './unseen.ts';

const pollMs = 4;
const leftBehindMs = 3000;

/** What the command listens on. */
export interface Arrival {
  readonly target: Target;
  readonly others: readonly OtherListener[];
}

/**
 * Waits until the command listens where clients look for the server, and opens no more listeners.
 * @throws TcpcloseError `several-ports`, `other-port`, `went-away`, `command-failed`
 */
export async function untilListening(
  run: Run,
  context: RoundContext,
  before: Before,
  options: ServerOptions,
): Promise<Arrival> {
  const supervisorPid = await context.supervisor.pid;
  const { wanted, timeoutMs, command } = options;
  const foreground = foregroundOf(options);
  const debuggers = new Debuggers();
  const quiet = new Quiet();
  const elsewhere = new PublishedElsewhere(context, before);
  const ready = readiness(run, options);
  let listens = false;
  const chosen = async () => {
    if (ready.state === 'awaited' || wanted.kind === 'path') return undefined;
    const { tcp, unix } = await look(context, before, run, wanted);
    if (wanted.kind === 'port') return tcp.length === 0 ? undefined : onPort(wanted.port, tcp);
    const choice = await choose(tcp, unix, run.calls, debuggers);
    return choice.state === 'none' ? undefined : arrival(choice, context, options);
  };
  // What a command leaves when it ends may be about to listen, or to end as well.
  const leftRunning = async () => {
    const settled = async () => {
      const now = await look(context, before, run, wanted);
      return (now.processes.length === 0 || now.tcp.length + now.unix.length > 0) && now;
    };
    const patience = { withinMs: leftBehindMs, everyMs: pollMs, signal: context.signal };
    const left = await poll('what the command has left to listen or to end', settled, patience);
    return left ?? (await look(context, before, run, wanted));
  };
  const arrived = async () => {
    const { processes, tcp, unix } = await look(context, before, run, wanted);
    // If the parent is about to exit, only the pid identifies the server.
    const own = tcp.filter(({ processes }) => processes.some(({ pid }) => pid === run.pid));
    if (wanted.kind === 'port' && own.length > 0) return onPort(wanted.port, tcp);
    const path =
      wanted.kind === 'path' ? unixTargetAt(wanted.path, unix, command.folder, context.files) : undefined;
    if (path !== undefined) return { target: path, others: [] };
    const ending = run.ending();
    if (ending !== undefined && foreground === 'yes') {
      const left = await leftRunning();
      if (left.processes.length > 0) throw wentAway(left.tcp[0]?.local.port, ending);
      throw await endedEarly(context, run, `ended with ${describeEnding(ending)} before it listened`);
    }
    if (ending !== undefined && ending.status !== 0) {
      throw await endedEarly(context, run, `ended with ${describeEnding(ending)}`);
    }
    listens = tcp.length + unix.length > 0;
    if (listens && ready.state === 'awaited' && isUnmatched(run)) throw notReady(options, run);
    const published = wanted.kind === 'any' && !listens ? elsewhere.look(processes) : [];
    const known = [...tcp, ...unix, ...published].map(({ inode }) => inode).join();
    const pids = processes.map(({ pid }) => pid);
    const isQuiet = quiet.isOver(`${ready.state} ${known}`, pids, ready.state === 'said');
    if (isQuiet && published.length > 0) throw elsewhere.error(published);
    return isQuiet && listens && !(await awaitsListen(context, run, wanted)) ? await chosen() : undefined;
  };
  const patience = { withinMs: timeoutMs, everyMs: pollMs, signal: context.signal };
  const found = (await poll('the server to listen', arrived, patience)) ?? (await chosen());
  if (found !== undefined) return found;
  const where =
    wanted.kind === 'port' ? ` on port ${wanted.port}` : wanted.kind === 'path' ? ` on ${wanted.path}` : '';
  const unseen = whyNotSeen(descendantsOf(supervisorPid));
  if (unseen !== undefined) throw new TcpcloseError('not-seen', `the command ${unseen}`);
  if (ready.state === 'awaited' && listens) throw notReady(options, run);
  const { tcp } = await look(context, before, run, { kind: 'any' });
  if (wanted.kind === 'port' && tcp.length > 0) throw listensElsewhere(wanted.port, tcp, run.calls);
  const client = clientOfDaemon(descendantsOf(supervisorPid));
  if (client !== undefined && wanted.kind === 'any') throw neverPublished(client);
  const why = `did not listen${where} within ${formatSpan(timeoutMs)} (allow more time with --timeout)`;
  throw await endedEarly(context, run, why, wanted.kind === 'port' ? wanted.port : undefined);
}

/** Looks again after clients have connected: if another port has opened since then, the user must say which one is the server's. */
export async function lookAgain(
  run: Run,
  context: RoundContext,
  before: Before,
  options: ServerOptions,
  arrived: Arrival,
): Promise<Arrival> {
  const { target } = arrived;
  await context.supervisor.settled();
  const { tcp, unix } = await look(context, before, run, { kind: 'any' });
  const choice = await choose(tcp, unix, run.calls, new Debuggers());
  if (options.wanted.kind === 'any' && choice.state === 'several') throw whichOne(choice.candidates);
  if (options.wanted.kind === 'any' && choice.state === 'tcp' && target.kind === 'unix') {
    return arrival(choice, context, options);
  }
  const all = choice.state === 'several' ? choice.candidates : choice.others;
  const place = target.kind === 'tcp' ? target.port : target.path;
  return { target, others: all.filter((other) => other.place !== place) };
}

function arrival(choice: Choice, context: RoundContext, { command }: ServerOptions): Arrival {
  switch (choice.state) {
    case 'none':
      throw new TypeError('there are no listeners to choose from');
    case 'several':
      throw whichOne(choice.candidates);
    case 'unix':
      return { target: unixTarget(choice.socket, command.folder, context.files), others: choice.others };
    case 'tcp': {
      const port = choice.rows[0]?.local.port ?? 0;
      return { target: { kind: 'tcp', port, listeners: choice.rows }, others: choice.others };
    }
  }
}

function onPort(port: number, listeners: readonly Row[]): Arrival {
  return { target: { kind: 'tcp', port, listeners }, others: [] };
}

type Ready = { state: 'not asked for' | 'awaited' | 'said' };

function readiness(run: Run, { command }: ServerOptions): Ready {
  const ready: Ready = { state: command.ready === undefined ? 'not asked for' : 'awaited' };
  void run.ready.then(() => {
    ready.state = 'said';
  });
  return ready;
}
