import { type ChildProcess, spawn } from 'node:child_process';
import { TcpcloseError } from '../../errors.ts';
import type { Answer } from '../../events.ts';
import { SystemCallError } from '../../native/errno.ts';
import { signalChild, signalGroup } from '../../native/signal.ts';
import { startTied } from '../../native/tie.ts';
import type { Methods, Params, Result } from '../../peer/methods.ts';
import {
  type CapturedPacket,
  type ConnectionEvent,
  type Notifications,
  notifications,
  type StateChange,
  type Unheard,
} from '../../peer/notifications.ts';
import { RpcClient } from '../../rpc/client.ts';
import type { Failure } from '../../rpc/messages.ts';
import { unlessAborted, within } from '../../time.ts';
import { programEnvironment } from '../hosts/environment.ts';
import type { Host } from '../hosts/host.ts';
import type { Exit } from './exit.ts';
import { exitOf } from './exit-of.ts';

/** The signals that leave a core dump if the user's limits allow one (signal(7)). */
const dumpingCore = new Set('SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGSEGV SIGXCPU SIGSYS'.split(' '));

const answerDeadlineMs = 60_000;
const deathDeadlineMs = 3_000;
const slowDeathDeadlineMs = 30_000;

/** The process of a peer, as tcpclose holds it. */
export class PeerProcess {
  readonly host: Host;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #rpc: RpcClient<Methods, Notifications>;
  #hasExited = false;
  #coreDump: 'forbidden' | 'allowed' = 'forbidden';

  /** Called with every connection that the peer's server accepts. */
  onConnection: (event: ConnectionEvent) => void = () => {};
  /** Called with the packets that a capture sees. */
  onPackets: (packets: readonly CapturedPacket[]) => void = () => {};
  /** Called with the changes of state that a capture sees. */
  onStateChanges: (changes: readonly StateChange[]) => void = () => {};
  onUnheard: (segments: readonly Unheard[]) => void = () => {};
  /** Called with the lines of the kernel's tracepoint. */
  onTraceLines: (lines: readonly string[]) => void = () => {};
  /** Called with each answer, before the caller has it. */
  onAnswer: (answer: Answer) => void = () => {};

  /** Starts the process. Calls are possible before it is ready. */
  constructor(host: Host) {
    this.host = host;
    const { command, input } = host.peerStart;
    const [program, ...args] = host.wrap(command);
    // In a separate session, so Ctrl-C reaches only tcpclose, and the experiment keeps its order.
    const { child, untie } = startTied((inherit) =>
      spawn(program, args, {
        stdio: ['pipe', 'pipe', 'pipe', ...inherit],
        detached: true,
        env: programEnvironment(),
        cwd: host.folder,
      }),
    );
    this.#process = child;
    this.#rpc = new RpcClient(this.#process, {
      name: `a peer on ${host.name}`,
      notifications,
      on: {
        connection: (event) => this.onConnection(event),
        packets: (packets) => this.onPackets(packets),
        stateChanges: (changes) => this.onStateChanges(changes),
        unheard: (segments) => this.onUnheard(segments),
        traceLines: (lines) => this.onTraceLines(lines),
      },
      deadlineMs: answerDeadlineMs,
      late: (method) => this.#late(method),
      gone: (method) => this.#gone(method),
      failed,
      // From then on, it ends with its standard input, after it has undone its changes to the system. It makes no changes before.
      ready: untie,
    });
    this.exited = exitOf(this.#process).then((exit) => {
      this.#hasExited = true;
      this.#rpc.end();
      return exit;
    });
    if (input !== undefined) this.#process.stdin?.write(input);
  }

  /** Its pid in the pid namespace of the host. */
  get pid(): number {
    const { pid } = this.#rpc;
    if (pid === undefined) throw new TypeError('the peer is not ready');
    return pid;
  }

  get isReady(): boolean {
    return this.#rpc.pid !== undefined;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  async ready(): Promise<this> {
    await this.#rpc.ready();
    return this;
  }

  /**
   * Calls a method of the peer.
   * @throws SystemCallError if a system call failed in the peer
   * @throws TcpcloseError `peer-failed` if something else did, `peer-died` if the peer has ended
   */
  async call<Name extends keyof Methods>(method: Name, params: Params<Name>): Promise<Result<Name>> {
    const askedMs = performance.now();
    const answered = (result: unknown, failure: Answer['failure']) => {
      const answer = { pid: this.#rpc.pid ?? 0, method, params, result, failure };
      this.onAnswer({ ...answer, askedMs, answeredMs: performance.now() });
    };
    try {
      const result = await this.#rpc.call(method, params);
      answered(result, null);
      return result;
    } catch (error) {
      if (error instanceof SystemCallError) answered(null, { call: error.call, errno: error.errno });
      throw error;
    }
  }

  /** Whether the process handles everything that has reached it within this many milliseconds. A process that has ended counts as yes. */
  async catchesUp(withinMs: number, signal: AbortSignal): Promise<'does' | 'does not'> {
    const caughtUp = this.#rpc.call('catchUp', {}, withinMs).then(
      () => 'does' as const,
      () => (this.#hasExited ? 'does' : 'does not'),
    );
    return unlessAborted(signal, caughtUp);
  }

  /**
   * Ends the process by a real signal, and returns once it is gone. If it survives, because it ignores or blocks the signal, SIGKILL ends
   * it, and the exit shows that.
   */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    if (this.#hasExited) throw this.#gone(`die of ${signal}`);
    if (dumpingCore.has(signal) && this.#coreDump === 'forbidden')
      await this.call('limitCoreDump', { bytes: 0 });
    // Behind a launcher, the process known here is only the launcher.
    if (this.#rpc.pid === this.#process.pid) signalChild(this.#process, signal);
    else this.call('die', { by: signal }).catch(() => {});
    return (await this.#death()) ?? this.end();
  }

  /** Lets a signal that dumps core do so, in the current folder of the process. */
  async allowCoreDump(): Promise<void> {
    this.#coreDump = 'allowed';
    await this.call('limitCoreDump', { bytes: Number.MAX_SAFE_INTEGER });
  }

  /** Makes the process end on its own: `exit 0`, `throw`, `abort`, or a signal to itself. */
  async die(by: string): Promise<Exit> {
    this.call('die', { by }).catch(() => {});
    const exit = await this.#death();
    if (exit === null) throw new TcpcloseError('peer-alive', `a peer still runs after "${by}"`);
    return exit;
  }

  // A process that still answers has survived the signal. A process that does not may be writing a core dump, or waiting for a CPU.
  async #death(): Promise<Exit | null> {
    const early = await inTime(deathDeadlineMs, this.exited);
    if (early !== null) return early;
    const answered = this.call('catchUp', {}).then(
      () => null,
      () => this.exited,
    );
    return inTime(slowDeathDeadlineMs, Promise.race([this.exited, answered]));
  }

  /** Ends the process for good, even a busy one: the end of an experiment, not a part of it. */
  async end(): Promise<Exit> {
    if (!this.#hasExited) {
      this.#process.stdin?.destroy();
      signalGroup(this.#process, 'SIGKILL');
    }
    return this.exited;
  }

  /** Lets the process end by itself, as at the end of its input, and undo its changes to the system. */
  async dismiss(): Promise<void> {
    this.#process.stdin?.end();
    if ((await inTime(deathDeadlineMs, this.exited)) === null) await this.end();
  }

  #gone(method: string): TcpcloseError {
    if (!this.isReady && this.host.gone !== null) return this.host.gone;
    return new TcpcloseError(
      'peer-died',
      `a peer on ${this.host.name} ended before it could ${method}${this.#rpc.lastWords}`,
    );
  }

  async #late(method: string): Promise<never> {
    throw new TcpcloseError(
      'peer-silent',
      `a peer on ${this.host.name} did not ${method} within ${answerDeadlineMs / 1000} s${this.#rpc.lastWords}`,
    );
  }
}

function inTime(ms: number, exited: Promise<Exit | null>): Promise<Exit | null> {
  return within(ms, exited, () => new Error()).catch(() => null);
}

function failed(method: string, { call, errno, message }: Failure): Error {
  if (call !== null && errno !== null) return new SystemCallError(call, errno);
  return new TcpcloseError('peer-failed', `a peer could not ${method}: ${message}`);
}
