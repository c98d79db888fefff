import { type ChildProcess, spawn } from 'node:child_process';
import * as v from 'valibot';
import { TcpcloseError } from '../../errors.ts';
import { lineSplitter } from '../../lines.ts';
import { SystemCallError } from '../../native/errno.ts';
import { signalChild, signalGroup } from '../../native/signal.ts';
import {
  type CommandName,
  type Failure,
  type PacketsMessage,
  type Params,
  type PeerMessage,
  peerMessage,
  type Result,
  type SightingsMessage,
  vocabulary,
} from '../../peer/protocol.ts';
import { describeSystemError } from '../../system-error.ts';
import { unlessAborted, within } from '../../time.ts';
import { programEnvironment } from '../hosts/environment.ts';
import type { Host } from '../hosts/host.ts';
import type { Exit } from './exit.ts';
import { LastWords } from './last-words.ts';

export type ConnectionEvent = Extract<PeerMessage, { type: 'connection' }>;

interface Pending {
  readonly what: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

// What is pending under number 0 is that the peer is ready.
const readyId = 0;
/** The signals that leave a core dump where the user's limits allow one (signal(7)). */
const dumpingCore = new Set<NodeJS.Signals>([
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGXCPU',
  'SIGSYS',
]);

const answerDeadlineMs = 60_000;
const deathDeadlineMs = 3_000;
const slowDeathDeadlineMs = 30_000;
const lastWordsMs = 1_000;

/** The process of a peer, as tcpclose holds it. */
export class PeerProcess {
  readonly host: Host;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<Exit>;
  readonly #ready: Promise<unknown>;
  #pid: number | undefined;
  #asked = readyId;
  readonly #lastWords = new LastWords();
  #hasExited = false;
  #coreDump: 'forbidden' | 'allowed' = 'forbidden';

  /** Called with every connection that the peer's server accepts. */
  onConnection: (event: ConnectionEvent) => void = () => {};
  /** Called with the packets that a capture sees. */
  onPackets: (packets: PacketsMessage['packets']) => void = () => {};
  /** Called with the changes of state that a capture sees. */
  onSightings: (sightings: SightingsMessage['sightings']) => void = () => {};

  /** Starts the process; it need not be ready to be asked. */
  constructor(host: Host) {
    this.host = host;
    const { command, input } = host.peerStart;
    const [program, ...args] = host.wrap(command);
    // In a session of its own, so that Ctrl-C reaches tcpclose alone and the experiment keeps its order.
    this.#process = spawn(program, args, {
      stdio: 'pipe',
      detached: true,
      env: programEnvironment(),
      cwd: '/',
    });
    this.#ready = this.#expect(readyId, 'start');
    this.#exited = this.#watchExit();
    this.#listen();
    if (input !== undefined) this.#process.stdin?.write(input);
  }

  /** In the pid namespace of the host. */
  get pid(): number {
    if (this.#pid === undefined) throw new TypeError('the peer is not ready');
    return this.#pid;
  }

  get exited(): Promise<Exit> {
    return this.#exited;
  }

  get isReady(): boolean {
    return this.#pid !== undefined;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  async ready(): Promise<this> {
    await within(answerDeadlineMs, this.#ready, () => this.#silent('start'));
    return this;
  }

  /**
   * Has the peer do something.
   * @throws SystemCallError when a system call failed in the peer
   * @throws TcpcloseError `peer-failed` when something else did, `peer-died` when it has ended
   */
  async call<Name extends CommandName>(name: Name, asks: Params<Name>): Promise<Result<Name>> {
    if (this.#hasExited) throw this.#gone(name);
    const id = ++this.#asked;
    const answer = this.#expect(id, name);
    this.#process.stdin?.write(`${JSON.stringify({ id, do: name, with: asks })}\n`);
    const value = await within(answerDeadlineMs, answer, () => this.#silent(name));
    const parsed = v.safeParse(vocabulary[name].answers, value);
    if (parsed.success) return parsed.output as Result<Name>;
    throw new TcpcloseError(
      'peer-garbled',
      `a peer on ${this.host.name} gave an answer to ${name} that has another shape: is it of this release?`,
    );
  }

  /** Whether the process has dealt with all that had reached it before so many milliseconds are over. One that has ended has. */
  async catchesUp(withinMs: number, signal: AbortSignal): Promise<'does' | 'does not'> {
    const caughtUp = this.call('catchUp', {}).then(
      () => 'does' as const,
      () => 'does' as const,
    );
    const late = new Error();
    try {
      return await unlessAborted(
        signal,
        within(withinMs, caughtUp, () => late),
      );
    } catch (error) {
      if (error === late) return 'does not';
      throw error;
    }
  }

  /**
   * Ends the process by a real signal, and returns when it is gone. A process that does not die of it, since it ignores or
   * blocks the signal, is ended by SIGKILL, and the exit tells so.
   */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    if (this.#hasExited) throw this.#gone(`die of ${signal}`);
    if (dumpingCore.has(signal) && this.#coreDump === 'forbidden')
      await this.call('limitCoreDump', { bytes: 0 });
    // Behind a launcher the process that is known here is only the launcher.
    if (this.#pid === this.#process.pid) signalChild(this.#process, signal);
    else this.call('die', { by: signal }).catch(() => {});
    return (await this.#death()) ?? this.end();
  }

  /** Lets a signal that dumps core do so, in the current folder of the process. */
  async allowCoreDump(): Promise<void> {
    this.#coreDump = 'allowed';
    await this.call('limitCoreDump', { bytes: Number.MAX_SAFE_INTEGER });
  }

  /** Has the process end itself: `exit 0`, `throw`, `abort`, or a signal that it sends itself. */
  async die(by: string): Promise<Exit> {
    this.call('die', { by }).catch(() => {});
    const exit = await this.#death();
    if (exit === null) throw new TcpcloseError('peer-alive', `a peer that was told "${by}" still runs`);
    return exit;
  }

  // One that still answers has not died of it. One that does not may leave a core dump, or gets no turn.
  async #death(): Promise<Exit | null> {
    const early = await within(deathDeadlineMs, this.#exited, () => new Error()).catch(() => null);
    if (early !== null) return early;
    const answered = this.call('catchUp', {}).then(
      () => null,
      () => this.#exited,
    );
    const first = Promise.race([this.#exited, answered]);
    return within(slowDeathDeadlineMs, first, () => new Error()).catch(() => null);
  }

  /** Ends the process for good, whatever it does: the end of an experiment, not a part of it. */
  async end(): Promise<Exit> {
    if (!this.#hasExited) {
      this.#process.stdin?.destroy();
      signalGroup(this.#process, 'SIGKILL');
    }
    return this.#exited;
  }

  /** Lets the process end by itself, as it does at the end of its input, and undo what it has done to the system. */
  async dismiss(): Promise<void> {
    this.#process.stdin?.end();
    try {
      await within(deathDeadlineMs, this.#exited, () => new Error());
    } catch {
      await this.end();
    }
  }

  #expect(id: number, what: string): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { what, resolve, reject });
    });
    // It may be rejected by the end of the peer while nobody waits for it.
    answer.catch(() => {});
    return answer;
  }

  #listen(): void {
    const onLine = lineSplitter((line) => {
      const message = parseMessage(line);
      // What is no message comes from a launcher, such as the greeting of a login shell.
      if (message === undefined) this.#lastWords.add(`${line}\n`);
      else this.#hear(message);
    });
    this.#process.stdout?.setEncoding('utf8').on('data', onLine);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#lastWords.add(text));
    // A write to a peer that has just died: its exit tells more.
    this.#process.stdin?.on('error', () => {});
  }

  #hear(message: PeerMessage): void {
    switch (message.type) {
      case 'ready':
        this.#pid = message.pid;
        this.#take(readyId)?.resolve(message.pid);
        break;
      case 'connection':
        this.onConnection(message);
        break;
      case 'packets':
        this.onPackets(message.packets);
        break;
      case 'sightings':
        this.onSightings(message.sightings);
        break;
      case 'answer':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'failure': {
        const pending = this.#take(message.id);
        pending?.reject(asError(pending.what, message.failure));
        break;
      }
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #watchExit(): Promise<Exit> {
    const exit = await new Promise<Exit>((resolve) => {
      this.#process.once('error', (error) => {
        this.#lastWords.add(describeSystemError(error) ?? error.message);
        resolve({ state: 'exited', status: 127 });
      });
      // Not "exit" alone: what the peer has written last is read before that is over, unless another process holds its pipes.
      this.#process.once('close', (status, signal) => resolve(exitOf(status, signal)));
      this.#process.once('exit', (status, signal) => {
        setTimeout(() => resolve(exitOf(status, signal)), lastWordsMs).unref();
      });
    });
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    this.#hasExited = true;
    for (const { what, reject } of this.#pending.values()) reject(this.#gone(what));
    this.#pending.clear();
    return exit;
  }

  #gone(what: string): TcpcloseError {
    if (!this.isReady && this.host.gone !== null) return this.host.gone;
    return new TcpcloseError(
      'peer-died',
      `a peer on ${this.host.name} ended before it could ${what}${this.#lastWords}`,
    );
  }

  #silent(what: string): TcpcloseError {
    return new TcpcloseError(
      'peer-silent',
      `a peer on ${this.host.name} did not ${what} within ${answerDeadlineMs / 1000} s${this.#lastWords}`,
    );
  }
}

function parseMessage(line: string): PeerMessage | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = v.safeParse(peerMessage, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function exitOf(status: number | null, signal: NodeJS.Signals | null): Exit {
  return signal === null ? { state: 'exited', status: status ?? 0 } : { state: 'killed', signal };
}

function asError(what: string, { call, errno, message }: Failure): Error {
  if (call !== null && errno !== null) return new SystemCallError(call, errno);
  return new TcpcloseError('peer-failed', `a peer could not ${what}: ${message}`);
}
