import { TcpcloseError } from '../../errors.ts';
import { programEnvironment } from '../../lab/hosts/environment.ts';
import { LoadGenerator } from '../../load/generator.ts';
import type { Plan } from '../../load/plan.ts';
import type { Place } from '../../load/protocol.ts';
import { type FinishedRequest, isOfCertificate } from '../../load/request.ts';
import { kinds } from '../../load/spec.ts';
import { monotonicMs } from '../../native/clock.ts';
import { poll, sleep, unlessAborted } from '../../time.ts';
import { after } from '../../waiting.ts';
import { placeOf } from '../client.ts';
import { greets } from '../clients.ts';
import type { RoundContext } from '../context.ts';
import { describeEnding, endedEarly } from '../early-end.ts';
import { ForeignListeners, refuseShared } from '../foreign-listeners.ts';
import type { Run } from '../run.ts';
import type { Target } from '../target.ts';
import type { LoadAccount } from './account.ts';
import { accountOf, type Stranger } from './accounting.ts';
import { type Language, languageOfListener } from './language.ts';
import { exitOf } from './lived-on.ts';
import { type Ends, momentsOf } from './moments.ts';
import { aboutRequest, describeRequest, type LoadOptions } from './options.ts';
import { TableWatch } from './table-watch.ts';

const leastBeforeMs = 1000;
const mostBeforeMs = 15_000;
const pollMs = 20;
/** How long the load continues after the second start has answered. */
const afterMs = 1000;

/** The load of one restart: it begins before the signal, and ends after the second start has answered. */
export class LoadSession {
  readonly #context: RoundContext;
  readonly #options: LoadOptions;
  readonly #target: Target;
  readonly #run: Run;
  readonly #generator: LoadGenerator;
  readonly language: Language;
  #watch: TableWatch | undefined;
  #stranger: Stranger | undefined;
  #supervisorPid = 0;
  #loadFrom = 0;
  #signalAt = 0;

  private constructor(context: RoundContext, options: LoadOptions, target: Target, run: Run, plan: Plan) {
    this.#context = context;
    this.#options = options;
    this.#target = target;
    this.#run = run;
    this.language = languageOfListener(target);
    this.#generator = new LoadGenerator(plan, programEnvironment());
  }

  /**
   * Begins the load, and waits until the server answers each kind of it.
   * @throws TcpcloseError `load-not-answered`, `command-failed` if the server ends
   */
  static async begin(
    context: RoundContext,
    options: LoadOptions,
    target: Target,
    run: Run,
  ): Promise<LoadSession> {
    const protocol = { ...options.protocol };
    if (protocol.kind === 'raw') protocol.greets = await greets(target);
    const { spec, tls, requestTimeoutMs: timeoutMs } = options;
    const plan: Plan = { place: where(target), tls, protocol, spec: { ...spec }, slowMs: 0, timeoutMs };
    const session = new LoadSession(context, options, target, run, plan);
    try {
      await unlessAborted(context.signal, session.#begin(plan));
      return session;
    } catch (error) {
      await session.end();
      const ending = run.ending();
      if (ending === undefined || context.signal.aborted) throw error;
      const how = `ended with ${describeEnding(ending)} under the load, before the signal`;
      throw await endedEarly(context, run, how);
    }
  }

  async #begin(plan: Plan): Promise<void> {
    const { spec } = this.#options;
    this.#supervisorPid = await this.#context.supervisor.pid;
    refuseShared(this.#context, this.#target, this.#supervisorPid);
    if (spec.new + spec.pooled + spec.idle > 0) this.#refuse(await this.#generator.probe('plain'), 'request');
    if (spec.slow > 0) {
      const slow = await this.#generator.probe('slow');
      this.#refuse(slow, 'slow request');
      plan.slowMs = Math.round(slow.endedAt - slow.startedAt);
    }
    this.#loadFrom = monotonicMs();
    await this.#generator.start();
    const asked = kinds.filter((kind) => spec[kind] > 0);
    const isAnswered = () =>
      monotonicMs() - this.#loadFrom >= leastBeforeMs + plan.slowMs &&
      asked.every((kind) => this.#generator.requests.some((request) => request.kind === kind));
    const hasEnded = () => this.#run.ending() !== undefined && this.#run.ending()?.status !== 0;
    const patience = {
      withinMs: mostBeforeMs + 2 * plan.slowMs,
      everyMs: pollMs,
      signal: this.#context.signal,
    };
    await poll('the load to be answered', () => isAnswered() || hasEnded(), patience);
    if (hasEnded()) throw new TcpcloseError('load-not-answered', 'the server has ended under the load');
  }

  #refuse({ class: ending, code, status }: FinishedRequest, what: string): void {
    if (ending === 'answered' && (status === null || status < 500)) return;
    const how =
      ending === 'answered' ? `with status ${status}` : `(${ending}${code === null ? '' : `, ${code}`})`;
    const verb = ending === 'answered' ? 'answers' : 'does not answer';
    const { tls } = this.#options;
    const option =
      code !== null && isOfCertificate(code)
        ? tls?.ca
          ? 'look at --cacert'
          : 'look at --tls'
        : aboutRequest(this.#options);
    throw new TcpcloseError(
      'load-not-answered',
      `the server ${verb} the ${what} of the load ${how}: ${ending === 'not made' ? 'raise "ulimit -n"' : ending === 'timed out' ? `raise --request-timeout, or ${option}` : option}`,
    );
  }

  /** Called just before the signal: the kernel's table is read from now on. */
  beforeSignal(until: 'another listens' | 'the end'): void {
    const foreign = new ForeignListeners(this.#target, this.#supervisorPid);
    this.#watch = new TableWatch(this.#context, this.#target, until, (inode) => {
      const who = foreign.holderOf(inode);
      if (who === undefined) return 'own';
      this.#stranger ??= { who, since: monotonicMs() };
      // Only the command's own server may get requests.
      void this.#generator.send('paused').catch(() => {});
      return 'foreign';
    });
  }

  /** Called when the signal was sent. */
  signalled(at: number): void {
    this.#signalAt = at;
    const { preStopMs } = this.#options;
    void this.#generator.rouse(preStopMs === undefined ? null : at + preStopMs).catch(() => {});
  }

  /** Makes one more request now, on a new connection. */
  probe(): Promise<FinishedRequest> {
    return unlessAborted(this.#context.signal, this.#generator.probe('plain'));
  }

  /** Continues the load for a while, after the second start has served a client. */
  async goOn(): Promise<void> {
    if (this.#options.preStopMs !== undefined || this.#stranger !== undefined)
      await this.#generator.send('on');
    this.#context.progress('the load continues', after(afterMs));
    await sleep(afterMs, this.#context.signal);
  }

  /** Ends the load, and accounts for all its requests. */
  async account(ends: Ends): Promise<LoadAccount> {
    this.#context.progress('waiting for the last requests');
    this.#watch?.end();
    const done = await unlessAborted(this.#context.signal, this.#generator.stop());
    const { requests } = this.#generator;
    const goneAt = this.#watch?.goneAt ?? null;
    const seen = { exit: ends.exit, signalAt: this.#signalAt, goneAt, latestMs: done.latestMs };
    const exit = exitOf(requests, seen);
    return accountOf(requests, {
      options: this.#options,
      request: describeRequest(this.#options),
      language: this.language,
      moments: momentsOf(requests, {
        ...ends,
        ...{ exit, goneAt, aliveAt: this.#watch?.aliveAt ?? null },
        loadFrom: this.#loadFrom,
        signalAt: this.#signalAt,
        goneSeenBy: this.#watch?.goneSeenBy ?? null,
        backAt: this.#watch?.backAt ?? null,
        table: this.#target.kind === 'tcp' ? 'read' : 'not read',
      }),
      exit,
      signal: ends.signal,
      seen: this.#watch?.seen ?? new Map(),
      ends: this.#generator.ends,
      stranger: this.#stranger,
      done,
    });
  }

  /** The program that has taken the port instead of the server; undefined if none has. */
  get stranger(): Stranger | undefined {
    return this.#stranger;
  }

  /** The ports of all clients. */
  get clientPorts(): number[] {
    return this.#generator.clientPorts;
  }

  /** Ends the generator's process. */
  async end(): Promise<void> {
    this.#watch?.end();
    await this.#generator.end();
  }
}

function where(target: Target): Place {
  if (target.kind === 'tcp') return placeOf(target);
  // Names the file through a descriptor of its folder, which this process has open.
  const path = String(target.file?.path ?? target.name);
  return { path: path.replace('/proc/self/', `/proc/${process.pid}/`) };
}
