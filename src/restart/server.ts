import { readFileSync } from 'node:fs';
import { TcpcloseError } from '../errors.ts';
import { type ListenerOptions, listenerOptions } from '../native/borrow.ts';
import { commandLineOf, descendantsOf, readProcess } from '../observe/processes.ts';
import { unlessAborted } from '../time.ts';
import { type Arrival, lookAgain, untilListening } from './arrival.ts';
import type { OtherListener } from './choice.ts';
import type { RoundContext, RoundOptions } from './context.ts';
import { describeEnding, endedEarly, notReady, wentAway } from './early-end.ts';
import { untilTaken } from './kept-listener.ts';
import type { Before } from './listening.ts';
import { sightingOf } from './opening.ts';
import { ofListeners, reuseAddressAtBind } from './own-calls.ts';
import { untilServedBehind } from './published.ts';
import { publisherOf } from './publishing.ts';
import { becomesReady } from './ready.ts';
import type { Run } from './run.ts';
import { foregroundOf, type ServerOptions } from './server-options.ts';
import { inodesOf, pidsOf, type Target, whereOf } from './target.ts';
import type { Observation } from './trial.ts';

/** The user's server, once started. */
export class UserServer {
  readonly run: Run;
  /** SO_REUSEADDR and SO_REUSEPORT as they were set on the listener before any client came. */
  readonly listenerOptions: ListenerOptions;
  /** The command lines of the processes that listened. */
  readonly programs: readonly string[];
  /** The program that publishes the server's port; null if the server is not in a container. */
  readonly publisher: ReturnType<typeof publisherOf>;
  #arrival: Arrival;
  readonly #options: ServerOptions;

  constructor(run: Run, arrival: Arrival, options: ServerOptions) {
    this.run = run;
    this.#arrival = arrival;
    this.#options = options;
    this.listenerOptions = optionsOf(arrival.target);
    this.publisher = publisherOf(arrival.target);
    this.programs = pidsOf(arrival.target).map((pid) => commandLineOf(pid));
  }

  get target(): Target {
    return this.#arrival.target;
  }

  /** What the command listens on besides the server's own place. */
  get others(): readonly OtherListener[] {
    return this.#arrival.others;
  }

  /** Whether the started process should live as long as the server. */
  get foreground(): 'yes' | 'no' {
    return foregroundOf(this.#options);
  }

  /** Looks for new listeners. @throws TcpcloseError `several-ports` */
  async lookAgain(context: RoundContext, before: Before): Promise<void> {
    this.#arrival = await lookAgain(this.run, context, before, this.#options, this.#arrival);
  }

  /** @throws TcpcloseError `went-away` if what was started has ended and left a server in the background */
  refuseBackground(): void {
    const ending = this.run.ending();
    if (this.foreground === 'no' || ending === undefined) return;
    throw wentAway(this.target.kind === 'tcp' ? this.target.port : undefined, ending);
  }

  /** The process that gets the signal. @throws TcpcloseError `bad-pid-file`, `went-away` */
  mainPid(supervisorPid: number): number {
    const { pidFile } = this.#options;
    if (pidFile === undefined)
      return this.foreground === 'yes' ? this.run.pid : onlyChild(supervisorPid, this.run);
    const pid = readPid(pidFile);
    if (descendantsOf(supervisorPid).some((process) => process.pid === pid)) return pid;
    throw new TcpcloseError(
      'bad-pid-file',
      `"${pidFile}" names process ${pid}, which the command did not start: tcpclose stops only what it started`,
    );
  }

  /** An observation of this server, as far as it is known when the server has its signal. */
  observation(
    { supervisor }: RoundContext,
    { stopTimeoutMs }: RoundOptions,
    told: Pick<Observation, 'signal' | 'language' | 'disposition' | 'toldProcess'>,
  ): Observation {
    const { target, run, others, listenerOptions } = this;
    return {
      ...{ ...told, others, stopTimeoutMs, listenerOptions },
      target: whereOf(target),
      sighting: sightingOf(inodesOf(target), run.calls),
      watching: supervisor.watching,
      firstClients: 'none',
      dispositionThen: null,
      listenerDisposition: null,
      stopped: null,
      listenerInodes: target.kind === 'tcp' ? inodesOf(target).map((inode) => inode ?? 0) : [],
      calls: ofListeners(run.calls),
      reuseAddressAtBind: reuseAddressAtBind(target, run.calls) ?? null,
      oldSockets: [],
      oldProcesses: [],
      stillListening: [],
      second: null,
      load: null,
      probe: null,
      outageMs: null,
    };
  }
}

/**
 * Starts the command and waits until it listens and is ready.
 * @throws TcpcloseError with its output, if it does not
 */
export async function startServer(
  context: RoundContext,
  before: Before,
  options: ServerOptions,
): Promise<UserServer> {
  const { supervisor, signal } = context;
  const run = await unlessAborted(signal, supervisor.start(options.command));
  const arrival = await untilListening(run, context, before, options);
  if (context.kept !== undefined) {
    await untilTaken(context, arrival.target, run, options.timeoutMs);
    const ending = run.ending();
    if (ending !== undefined && foregroundOf(options) === 'yes')
      throw await endedEarly(context, run, `ended with ${describeEnding(ending)}`);
  }
  if (!(await becomesReady(run, arrival.target, options, signal))) throw notReady(options, run);
  await untilServedBehind(context, arrival.target, run, options);
  const ending = run.ending();
  if (ending !== undefined && foregroundOf(options) === 'yes' && pidsOf(arrival.target).length === 0) {
    throw await endedEarly(context, run, `ended with ${describeEnding(ending)} before it was ready`);
  }
  return new UserServer(run, arrival, options);
}

function onlyChild(supervisorPid: number, run: Run): number {
  const roots = descendantsOf(supervisorPid).filter(
    ({ pid, parent }) => pid !== run.pid && (parent === supervisorPid || parent === run.pid),
  );
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw wentAway(undefined);
  return root.pid;
}

function optionsOf(target: Target): ListenerOptions {
  if (target.kind === 'unix') return { state: 'unreadable', reason: 'a Unix socket has none' };
  for (const { inode, processes } of target.listeners) {
    const [holder] = processes;
    if (holder !== undefined && inode !== null) return listenerOptions({ pid: holder.pid, inode });
  }
  return { state: 'unreadable', reason: 'the process that listens cannot be seen' };
}

function readPid(file: string): number {
  let text = '';
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {}
  const pid = Number(/^\d+/.exec(text)?.[0]);
  if (pid > 0 && readProcess(pid) !== undefined) return pid;
  throw new TcpcloseError('bad-pid-file', `"${file}" does not name a running process: check --pid-file`);
}
