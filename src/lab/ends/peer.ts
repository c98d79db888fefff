import type { Measured } from '../../measured.ts';
import type { Deafness } from '../../native/filter.ts';
import type { SocketOption } from '../../native/options.ts';
import type { TcpInfo } from '../../native/tcp-info.ts';
import type {
  BlockResult,
  ReadResult,
  ReceiveResult,
  Retransmissions,
  SendResult,
} from '../../peer/results.ts';
import type { Exit } from '../process/exit.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { NothingObserved, TooSlow } from '../recording/too-slow.ts';
import type { ConnectionEnd } from './connection-end.ts';

/** What can be done to a connection or its process; in a control experiment each can be left out. */
export const stimuli = [
  'kill',
  'die',
  'end',
  'destroy',
  'reset',
  'shutdown',
  'linger',
  'write',
  'read',
  'send',
  'receive',
  'block in',
  'fill',
  'deafen',
  'hear',
  'share',
  'unshare',
  'unplug',
  'destroy in kernel',
  'sysctl',
  'set option',
  'accept',
  'stop listening',
  'replay',
  'churn',
] as const;
export type Stimulus = (typeof stimuli)[number];

export interface Perform {
  /** Does what it is told and reports it, or leaves it out and gives `instead`. */
  <Result>(
    who: string,
    stimulus: Stimulus,
    detail: string,
    act: () => Promise<Result>,
    instead: Result,
  ): Promise<Result>;
  /**
   * Waits until the processes of the run have dealt with all that had reached them, since what one of them is waited for by `what`.
   * @throws TooSlow where one does not answer: it is stopped, or gets no turn
   */
  untilCaughtUp(what: string): Promise<void>;
}

/** What expectations are about: sides of connections, under the name that reports give them. */
export interface Subject {
  readonly name: string;
  readonly ends: readonly ConnectionEnd[];
}

/** A peer in its role, with its sides of connections. What is done to a peer is done to every side of it. */
export class Peer implements Subject {
  readonly name: string;
  /** @internal */
  readonly process: PeerProcess;
  readonly ends: ConnectionEnd[] = [];
  readonly #perform: Perform;

  /** @internal */
  constructor(name: string, peer: PeerProcess, perform: Perform) {
    this.name = name;
    this.process = peer;
    this.#perform = perform;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** The only connection. */
  get connection(): ConnectionEnd {
    const [side, ...others] = this.ends;
    if (side === undefined || others.length > 0) {
      throw new TypeError(`${this.name} has ${this.ends.length} connections, not one`);
    }
    return side;
  }

  /** Its connections are over: what follows is about new ones alone. */
  forget(): void {
    this.ends.length = 0;
  }

  /** Ends the process by a real signal; settled when it is gone. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    return this.#perform(this.name, 'kill', signal, () => this.process.kill(signal), untouched);
  }

  /** Has the process end by itself: `exit 0`, `throw`, `abort`, or a signal that it sends itself. */
  async die(by: string): Promise<Exit> {
    return this.#perform(this.name, 'die', by, () => this.process.die(by), untouched);
  }

  /** socket.end(): sends what is queued and then FIN, as shutdown(SHUT_WR). The socket can still read. */
  async end(): Promise<void> {
    await this.#each('end', '', ({ process, socket }) => process.call('end', { socket }), {});
  }

  /** socket.destroy(): close(2). Gives how long that blocked the process, in milliseconds, the longest of all sides. */
  async destroy(): Promise<number> {
    const answers = await this.#each(
      'destroy',
      '',
      ({ process, socket }) => process.call('destroy', { socket }),
      {
        blockedMs: 0,
      },
    );
    return Math.max(...answers.map(({ blockedMs }) => blockedMs));
  }

  /** socket.resetAndDestroy(): close with a RST. */
  async reset(): Promise<void> {
    await this.#each('reset', '', ({ process, socket }) => process.call('reset', { socket }), {});
  }

  /** shutdown(2) on the descriptor, past the net.Socket. */
  async shutdown(how: 'read' | 'write' | 'both'): Promise<void> {
    await this.#each('shutdown', how, ({ process, socket }) => process.call('shutdown', { socket, how }), {});
  }

  /** SO_LINGER with that many seconds, or off. */
  async linger(seconds: number | 'off'): Promise<void> {
    const value = seconds === 'off' ? -1 : seconds;
    const ask = ({ process, socket }: ConnectionEnd) =>
      process.call('setOption', { socket, name: 'SO_LINGER', value });
    await this.#each('linger', String(seconds), ask, {});
  }

  async setOption(name: SocketOption, value: number): Promise<void> {
    const ask = async (side: ConnectionEnd) => {
      const { process, socket, options } = side;
      await process.call('setOption', { socket, name, value });
      options.set(name, value);
      return {};
    };
    await this.#each('set option', `${name} ${value}`, ask, {});
  }

  /** An option of the only connection, in the units of setSocketOption. */
  async option(name: SocketOption): Promise<number> {
    const { socket } = this.connection;
    const { values } = await this.process.call('options', { socket, names: [name] });
    return values[0] ?? Number.NaN;
  }

  /** socket.write() of a text or of that many bytes; gives how many the kernel took, of all sides. */
  async write(content: string | number, until: 'flushed' | 'queued' = 'flushed'): Promise<number> {
    const what = contentOf(content);
    const ask = ({ process, socket }: ConnectionEnd) => process.call('write', { socket, until, ...what });
    const answers = await this.#each('write', describe(content), ask, { bytes: 0, inKernel: 0 });
    return sum(answers.map(({ inKernel }) => inKernel));
  }

  /** Reads that many bytes from the only connection, or to the end. */
  async read(bytes?: number): Promise<ReadResult> {
    const { socket } = this.connection;
    const readFor = (timeoutMs: number) =>
      this.process.call('read', { socket, timeoutMs, ...(bytes === undefined ? {} : { bytes }) });
    const ask = async () => {
      const result = await readFor(readDeadlineMs);
      if (result.error !== 'ETIME') return result;
      // Whoever is to send it may get no turn.
      await this.#perform.untilCaughtUp(`${this.name}, read`);
      const late = await readFor(lastReadMs);
      if (late.error === 'ETIME' && late.bytes === 0) return result;
      if (result.bytes === 0) return late;
      throw new TooSlow(
        `${this.name}, read`,
        `bytes came ${readDeadlineMs / 1000} s after those before them`,
      );
    };
    const nothing: ReadResult = { bytes: 0, sha256: '', text: '', ended: 'error', error: 'left out' };
    return this.#perform(
      this.name,
      'read',
      bytes === undefined ? 'to the end' : `${bytes} bytes`,
      ask,
      nothing,
    );
  }

  /** send(2) once, on the descriptor of the only connection. */
  async send(content: string | number): Promise<SendResult> {
    const { socket } = this.connection;
    const ask = () => this.process.call('send', { socket, ...contentOf(content) });
    return this.#perform(this.name, 'send', describe(content), ask, { bytes: 0, errno: null });
  }

  /** recv(2) once, on the descriptor of the only connection: what the kernel says, unlike Node's events. */
  async receive(most = 65_536): Promise<ReceiveResult> {
    const { socket } = this.connection;
    const ask = () => this.process.call('receive', { socket, most });
    return this.#perform(this.name, 'receive', `up to ${most} bytes`, ask, {
      bytes: 0,
      text: '',
      errno: null,
    });
  }

  /** recv(2) or send(2) once on the descriptor of the only connection, made blocking: as long as its options let it wait. */
  async blockIn(call: 'recv' | 'send', bytes: number): Promise<BlockResult> {
    const { socket } = this.connection;
    const nothing: BlockResult = { bytes: 0, errno: null, blockedMs: 0 };
    const ask = () => this.process.call('blockIn', { socket, call, bytes });
    return this.#perform(this.name, 'block in', `${call} of ${bytes} bytes`, ask, nothing);
  }

  /** How many segments arrived at the only connection and were not heard. */
  async drops(): Promise<number> {
    const { drops } = await this.process.call('drops', { socket: this.connection.socket });
    return drops;
  }

  /** What the kernel reckons with on the only connection: its retransmission timeout (RTO) and round-trip time, in milliseconds. */
  async info(): Promise<TcpInfo> {
    return this.process.call('info', { socket: this.connection.socket });
  }

  /**
   * When the timer of the only connection ends, finer than ss tells it: in milliseconds on the clock of the peer's process, so that two of them
   * can be compared.
   * @throws NothingObserved where no timer runs
   */
  async timerEnds(): Promise<Measured> {
    const { local, remote } = this.connection;
    const { leftMs, askedMs, takenMs } = await this.process.call('lookUp', { local, remote });
    if (leftMs === null) throw new NothingObserved(`the timer of ${this.name}`);
    return { leastMs: askedMs + leftMs, mostMs: takenMs + leftMs };
  }

  /** How long the timer of the only connection still runs, in milliseconds, finer than ss tells it; NaN where there is none. */
  async timerLeft(): Promise<number> {
    const { local, remote } = this.connection;
    const { leftMs } = await this.process.call('lookUp', { local, remote });
    return leftMs ?? Number.NaN;
  }

  /** Watches the only connection until it is gone: when it sends again what was not acknowledged. */
  watchRetransmissions(withinMs: number): Promise<Retransmissions> {
    const { socket, local, remote } = this.connection;
    const asks = { socket, local, remote, timeoutMs: withinMs };
    const watched = this.process.call('watchRetransmissions', asks);
    // The run may end before it is asked for.
    watched.catch(() => {});
    return watched;
  }

  /** How many descriptors the process has open. */
  async openDescriptors(): Promise<number> {
    const { descriptors } = await this.process.call('openDescriptors', {});
    return descriptors;
  }

  /** Lets the process leave a core dump in that folder when a signal kills it, with so much memory in it. */
  async allowCoreDump(folder: string, memory: number): Promise<void> {
    await this.process.call('changeFolder', { path: folder });
    await this.process.call('takeMemory', { bytes: memory });
    await this.process.allowCoreDump();
  }

  /** send(2) until the kernel takes no more: how many bytes that were, of all sides. */
  async fill(): Promise<number> {
    const answers = await this.#each('fill', '', ({ process, socket }) => process.call('fill', { socket }), {
      bytes: 0,
    });
    return sum(answers.map(({ bytes }) => bytes));
  }

  /** From now on the sockets do not hear that, as if it were lost on the way. Needs a namespace. */
  async deafen(to: Deafness): Promise<void> {
    await this.#each('deafen', `to ${to}`, ({ process, socket }) => process.call('deaf', { socket, to }), {});
  }

  /** Ends deafness. */
  async hear(): Promise<void> {
    await this.#each(
      'hear',
      'again',
      ({ process, socket }) => process.call('deaf', { socket, to: 'nothing' }),
      {},
    );
  }

  /** Starts another process that holds the only connection, too; gives its pid. */
  async share(): Promise<number> {
    const { socket } = this.connection;
    const { pid } = await this.perform(
      'share',
      'with a second process',
      () => this.process.call('share', { socket }),
      {
        pid: 0,
      },
    );
    return pid;
  }

  /** Ends the process that was given by share(). */
  async unshare(pid: number): Promise<void> {
    await this.perform('unshare', `with process ${pid}`, () => this.process.call('unshare', { pid }), {});
  }

  async #each<Answer>(
    stimulus: Stimulus,
    detail: string,
    ask: (side: ConnectionEnd) => Promise<Answer>,
    instead: Answer,
  ): Promise<Answer[]> {
    const all = () => Promise.all(this.ends.map(ask));
    return this.#perform(
      this.name,
      stimulus,
      detail,
      all,
      this.ends.map(() => instead),
    );
  }

  /** @internal */
  protected perform<Result>(
    stimulus: Stimulus,
    detail: string,
    act: () => Promise<Result>,
    instead: Result,
  ): Promise<Result> {
    return this.#perform(this.name, stimulus, detail, act, instead);
  }
}

const readDeadlineMs = 20_000;
const lastReadMs = 1000;
const longestShown = 60;
const untouched: Exit = { state: 'exited', status: 0 };

function contentOf(content: string | number): { text: string } | { bytes: number } {
  return typeof content === 'string' ? { text: content } : { bytes: content };
}

function describe(content: string | number): string {
  if (typeof content === 'string' && content.length <= longestShown) return JSON.stringify(content);
  return `${typeof content === 'string' ? content.length : content} bytes`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
