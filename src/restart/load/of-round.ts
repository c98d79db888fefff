import type { FinishedRequest } from '../../load/request.ts';
import { monotonicMs } from '../../native/clock.ts';
import type { Call } from '../../supervisor/calls/call.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import { callsAt } from '../own-calls.ts';
import type { Run } from '../run.ts';
import type { Target } from '../target.ts';
import type { Observation, Trial } from '../trial.ts';
import type { ExitSeenBy, LoadAccount } from './account.ts';
import type { Exit } from './lost.ts';
import type { Ends } from './moments.ts';
import { LoadSession } from './session.ts';

/** The load of a round, if it has one. Kills the old server when its drain is over. */
export class RoundLoad {
  readonly #context: RoundContext;
  readonly #options: RoundOptions;
  readonly #target: Target;
  #session: LoadSession | undefined;
  #drain: NodeJS.Timeout | undefined;
  #drained: 'over' | 'not over' = 'not over';
  #startedAt: number | null = null;

  constructor(context: RoundContext, options: RoundOptions, target: Target) {
    this.#context = context;
    this.#options = options;
    this.#target = target;
  }

  /** The ports of the load's clients. */
  get clientPorts(): number[] {
    return this.#session?.clientPorts ?? [];
  }

  /** @throws TcpcloseError if the server does not answer the load */
  async begin(run: Run): Promise<void> {
    const { load } = this.#options;
    if (load === undefined) return;
    this.#context.progress('the load begins');
    this.#session = await LoadSession.begin(this.#context, load, this.#target, run);
  }

  beforeSignal(until: 'another listens' | 'the end' = 'another listens'): void {
    this.#session?.beforeSignal(until);
  }

  signalled(at: number): void {
    this.#session?.signalled(at);
    const { drainMs } = this.#options.load ?? {};
    if (drainMs === undefined) return;
    this.#drain = setTimeout(() => {
      this.#drained = 'over';
      void this.#context.supervisor.sweep(0);
    }, drainMs);
  }

  stopped(): void {
    clearTimeout(this.#drain);
    this.#startedAt = monotonicMs();
  }

  /** Who has taken the port instead of the server; undefined if no other program has, or without a load. */
  get takenBy(): string | undefined {
    return this.#session?.stranger?.who;
  }

  /** One more request, after a reload; undefined without a load. */
  async probe(): Promise<FinishedRequest | undefined> {
    return await this.#session?.probe();
  }

  /** Continues the load for a while after a reload. */
  async goOn(): Promise<void> {
    await this.#session?.goOn();
  }

  /** Ends the load over a reload or a handover, and accounts for it. */
  async accountOfReload(ends: Omit<Ends, 'listensAt'>): Promise<LoadAccount | null> {
    return (await this.#session?.account({ ...ends, listensAt: null })) ?? null;
  }

  /** Ends the load, and accounts for it; null if there is none. */
  async account(
    { signal }: Trial,
    { stopped, disposition }: Pick<Observation, 'stopped' | 'disposition'>,
    killedAt: number,
    second: { readonly result: string; readonly run: Run } | null,
  ): Promise<LoadAccount | null> {
    const session = this.#session;
    if (session === undefined) return null;
    if (second?.result === 'accepts') await session.goOn();
    await this.#context.supervisor.settled();
    const exit = (): Exit => {
      if (stopped === null) return 'not';
      if (this.#drained === 'over') return 'when the drain was over';
      if (signal === 'SIGKILL') return 'killed';
      const isHandled = disposition?.caught.includes(signal) || disposition?.awaited.includes(signal);
      // Node catches TERM and INT itself, to restore the terminal, and Go catches all signals. Other programs that catch a signal may die
      // of it when they have finished.
      const diesOfIt = !isHandled || session.language === 'Node' || session.language === 'Go';
      return stopped.signal === signal && diesOfIt ? 'by the signal' : 'by itself';
    };
    return session.account({
      exit: exit(),
      signal,
      exitedAt: stopped === null ? null : killedAt + stopped.afterMs,
      exitSeenBy: exitSeenBy(stopped),
      startedAt: second === null ? null : this.#startedAt,
      listensAt: second === null ? null : listenedAt(callsAt(this.#target, second.run.calls)),
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.#drain);
    await this.#session?.end();
  }
}

/** How the exit was seen: only wait(2) shows how a process has ended. */
export function exitSeenBy(stopped: Observation['stopped']): ExitSeenBy | null {
  if (stopped === null) return null;
  return stopped.status === null && stopped.signal === null ? 'proc' : 'wait';
}

function listenedAt(calls: readonly Call[]): number | null {
  return calls.find(({ call, result }) => call === 'listen' && result === 'ok')?.at ?? null;
}

/** What each client of the second start sends. With an HTTP load, it is a request, because many servers serve one client at a time. */
export function requestUnder({ load, request }: RoundOptions): Buffer | undefined {
  if (request !== undefined || load === undefined || load.tls !== null) return request;
  const { protocol } = load;
  if (protocol.kind !== 'http') return undefined;
  return Buffer.from(`GET ${protocol.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
}
