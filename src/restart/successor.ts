import { isIPv4 } from 'node:net';
import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../native/clock.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { commandLineOf } from '../observe/processes.ts';
import { type Holder, isOwnerless, type Row } from '../observe/row.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import type { RoundContext } from './context.ts';
import { type Before, listenersAt, newListeners, type UnixListener, unixListeners } from './listening.ts';
import { boundPorts } from './opening.ts';
import { saysInUse } from './output-words.ts';
import { callsAt, ownBind } from './own-calls.ts';
import type { Run } from './run.ts';
import type { First } from './second-start.ts';
import type { ServerOptions } from './server-options.ts';
import { type Target, type UnixTarget, unixPath } from './target.ts';
import { unixTargetAt } from './unix-target.ts';

/** A server may open a tool's port before its own. It listens elsewhere if no other listener follows within this time. */
const elsewhereMs = 1000;
/** A supervisor program may start its ended child again after a pause. */
const leastWaitingMs = 4000;
const lookMs = 100;

/** The second start, seen from outside: the sockets and processes that belong to it, and not to the old server. */
export class SuccessorSight {
  readonly #context: RoundContext;
  readonly #supervisorPid: number;
  readonly #first: First;
  readonly #before: Before;
  readonly #run: Run;
  readonly #options: ServerOptions;
  readonly #since = { elsewhere: 0, waiting: 0, stuck: 0 };
  readonly #waitingMs: number;
  #lookedAt = 0;
  /** The file of a Unix socket is held open, so it is searched for only once. */
  #found: UnixTarget | undefined;

  constructor(
    context: RoundContext,
    supervisorPid: number,
    first: First,
    before: Before,
    run: Run,
    options: ServerOptions,
  ) {
    this.#context = context;
    this.#supervisorPid = supervisorPid;
    this.#first = first;
    this.#before = before;
    this.#run = run;
    this.#options = options;
    // A user who allows more time expects longer pauses.
    this.#waitingMs = Math.max(leastWaitingMs, options.timeoutMs / 7);
  }

  /** Whether the started process has ended, unless the server runs in the background. */
  hasEnded(): boolean {
    const ending = this.#run.ending();
    return ending !== undefined && (this.#first.server.foreground === 'yes' || ending.status !== 0);
  }

  /** `foreign` if the first start's listener was not below the command either, but in a container's proxy. */
  get acceptor(): 'own' | 'foreign' {
    const { target } = this.#first.server;
    if (target.kind === 'unix') return 'own';
    return target.listeners.some(({ processes }) => processes.length > 0) ? 'own' : 'foreign';
  }

  isOwn(pid: number): boolean {
    return this.acceptor === 'foreign' || this.#processes().some((process) => process.pid === pid);
  }

  /** Whether the old server still listens on the same port, which SO_REUSEPORT allows. */
  isShared(): boolean {
    const { target } = this.#first.server;
    if (target.kind === 'unix') return false;
    const rows = listenersAt(this.#context, target, new Map());
    return rows.some(({ inode }) => this.#before.has(inode ?? 0));
  }

  /** Where it listens, if it does. No connection is tried before, because a client with an ephemeral port could connect to itself. */
  target(): Target | undefined {
    const { target } = this.#first.server;
    if (target.kind === 'unix') {
      const all = unixListeners(this.#context, socketsOf(this.#processes()));
      const own = all.filter(({ inode }) => inode !== target.inode);
      if (!own.some(({ inode }) => inode === this.#found?.inode)) this.#found = this.#unixTarget(target, own);
      return this.#found;
    }
    if (newListeners(this.#context, new Map(), this.#before, target.port).length === 0) return undefined;
    const holders = socketsOf(this.#processes());
    const rows = newListeners(this.#context, holders, this.#before, target.port);
    const own = rows.filter(({ processes }) => processes.length > 0);
    const found = this.acceptor === 'foreign' ? rows : own;
    return found.length === 0 ? undefined : { ...target, listeners: found };
  }

  // The file may not exist yet.
  #unixTarget({ path }: UnixTarget, own: readonly UnixListener[]): UnixTarget | undefined {
    try {
      return unixTargetAt(path, own, this.#options.command.folder, this.#context.files);
    } catch (error) {
      if (error instanceof TcpcloseError && error.code === 'no-socket-file') return undefined;
      throw error;
    }
  }

  /** The addresses on which the first start listened until the signal, but this one does not. */
  missing(): string[] {
    const { places } = this.#first;
    const target = this.target();
    if (target?.kind === 'unix') return [];
    const addresses = new Set(target?.listeners.map(({ local }) => local.address));
    const has = (address: string) =>
      addresses.has(address) || addresses.has('::') || (isIPv4(address) && addresses.has('0.0.0.0'));
    return places.filter((address) => !has(address));
  }

  /** All processes that listen on the target; empty if one of them is hidden. */
  listening(): readonly Holder[] {
    const { target } = this.#first.server;
    const sockets = listenersAt(this.#context, target, socketsOf(this.#processes()));
    const own = sockets.filter(({ processes }) => processes.length > 0);
    return own.length < sockets.length ? [] : own.flatMap(({ processes }) => processes);
  }

  /**
   * Whether it listens elsewhere, or waits for others, or for a port that does not become free in time: then it will not listen here.
   * @param until the end of the wait, on the clock of monotonicMs()
   */
  async isOver(until: number): Promise<boolean> {
    const now = monotonicMs();
    if (now - this.#lookedAt < lookMs) return false;
    this.#lookedAt = now;
    const lasts = (what: 'elsewhere' | 'waiting' | 'stuck', is: boolean, leastMs: number) => {
      this.#since[what] = is ? this.#since[what] || now : 0;
      return is && now - this.#since[what] >= leastMs;
    };
    if (lasts('elsewhere', this.#isElsewhere(), elsewhereMs)) return true;
    const isWithoutProgram = lasts('waiting', this.#isWithoutProgram(), this.#waitingMs);
    const isStuck = lasts('stuck', this.#isHeldUntil(until), this.#retries() ? elsewhereMs : this.#waitingMs);
    return (isWithoutProgram || isStuck) && (this.#gotInUse() || saysInUse(await this.#run.output()));
  }

  #gotInUse(): boolean {
    const { server } = this.#first;
    const own = ownBind(server.target, server.run.calls, this.#run.calls);
    return own.state === 'called' && own.last.result === 'EADDRINUSE';
  }

  #retries(): boolean {
    const calls = callsAt(this.#first.server.target, this.#run.calls);
    return calls.filter(({ call, result }) => call === 'bind' && result === 'EADDRINUSE').length > 1;
  }

  /** Whether only connections without a process are left on the port, and a kernel timer keeps each of them beyond that time. */
  #isHeldUntil(until: number): boolean {
    const { target } = this.#first.server;
    if (target.kind === 'unix') return false;
    const rows = socketsOnPort(this.#context.diag, target.port);
    const leftMs = until - monotonicMs();
    const stays = (row: Row) =>
      isOwnerless(row) && row.timer?.kind === 'timewait' && row.timer.leftMs > leftMs;
    return rows.length > 0 && rows.every(stays);
  }

  /** The ports or paths on which its processes listen, and on which the first start did not. They are of the same kind as the server's. */
  elsewhere(): (number | string)[] {
    const { target, others } = this.#first.server;
    const holders = socketsOf(this.#processes());
    const usual = others.map(({ place }) => place);
    const now =
      target.kind === 'tcp'
        ? newListeners(this.#context, holders, this.#before, undefined).map(({ local }) => local.port)
        : unixListeners(this.#context, holders).map(({ name }) => unixPath(name));
    const place = target.kind === 'tcp' ? target.port : target.path;
    const places: (number | string)[] = [...new Set<number | string>(now)].filter((one) => one !== place);
    const unusual = places.filter((one) => !usual.includes(one));
    // A listener with another number replaces one that is missing.
    const missing = usual.filter((one) => typeof one === typeof place && !places.includes(one));
    return unusual.length > missing.length ? unusual : [];
  }

  #isElsewhere(): boolean {
    if (this.elsewhere().length === 0) return false;
    const { target } = this.#first.server;
    const bound = boundPorts(this.#context, socketsOf(this.#processes()), this.#run.calls);
    return target.kind === 'unix' || !bound.includes(target.port);
  }

  // Whether the program that listened the first time is not running, although its parent is.
  #isWithoutProgram(): boolean {
    const { programs } = this.#first.server;
    const running = this.#processes().map(({ pid }) => commandLineOf(pid));
    return running.length > 0 && programs.length > 0 && !running.some((line) => programs.includes(line));
  }

  #processes() {
    return this.#first.left.youngerBelow(this.#supervisorPid);
  }
}
