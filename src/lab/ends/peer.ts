import type { Deafness } from '../../native/filter.ts';
import type { SocketOption } from '../../native/options.ts';
import type { BlockResult, ReadResult, ReceiveResult, SendResult } from '../../peer/results.ts';
import type { Exit } from '../process/exit.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { TooSlow } from '../recording/too-slow.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { Measurements } from './measurements.ts';
import { readPatiently } from './patient-read.ts';
import type { Performer, Stimulus } from './stimulus.ts';

/** The subject of expectations: ends of connections, with their name in reports. */
export interface Subject {
  readonly name: string;
  readonly ends: readonly ConnectionEnd[];
}

/** How a process ended, or that it did not because the stimulus was withheld. */
export type Ended = Exit | { readonly state: 'not ended' };

/** A process with its ends of connections. A stimulus applies to each of them. */
export class Peer implements Subject {
  readonly name: string;
  /** @internal */
  readonly process: PeerProcess;
  readonly ends: ConnectionEnd[] = [];
  /** What the kernel reports about its only connection. */
  readonly measure: Measurements;
  /** @internal */
  protected readonly run: Performer;

  /** @internal */
  constructor(name: string, process: PeerProcess, run: Performer) {
    this.name = name;
    this.process = process;
    this.measure = new Measurements(this);
    this.run = run;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** The only connection. */
  get connection(): ConnectionEnd {
    const [end, ...others] = this.ends;
    if (end === undefined || others.length > 0) {
      throw new TypeError(`${this.name} has ${this.ends.length} connections, not one`);
    }
    return end;
  }

  /** Forgets its connections, which are over. */
  forget(): void {
    this.ends.length = 0;
  }

  /** Ends the process by a real signal; settles once it is gone, with how it ended. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    return this.run.perform(this.name, 'kill', signal, () => this.process.kill(signal), untouched);
  }

  /** Makes the process end on its own: `exit 0`, `throw`, `abort`, or a signal to itself. */
  async die(by: string): Promise<Ended> {
    return this.run.perform(this.name, 'die', by, () => this.process.die(by), untouched);
  }

  /** socket.end(): sends queued data and then FIN, as shutdown(SHUT_WR) does. The socket can still read. */
  async end(): Promise<void> {
    await this.#each('end', '', ({ process, socket }) => process.call('end', { socket }));
  }

  /**
   * socket.destroy(): close(2). Returns how long it blocked the process, in milliseconds: the maximum over all connections.
   * @throws TooSlow if the process was stopped during the wait of SO_LINGER, which ends it
   */
  async destroy(): Promise<number> {
    const destroy = ({ process, socket }: ConnectionEnd) => process.call('destroy', { socket });
    const results = await this.#each('destroy', '', destroy);
    if (results.some(({ interrupted }) => interrupted))
      throw new TooSlow(
        `close() of ${this.name}`,
        'its process was stopped during the wait, which ends that of SO_LINGER',
      );
    return Math.max(0, ...results.map(({ blockedMs }) => blockedMs));
  }

  /** socket.resetAndDestroy(): close with a RST. */
  async reset(): Promise<void> {
    await this.#each('reset', '', ({ process, socket }) => process.call('reset', { socket }));
  }

  /** shutdown(2) on the descriptor, bypassing the net.Socket. */
  async shutdown(how: 'read' | 'write' | 'both'): Promise<void> {
    await this.#each('shutdown', how, ({ process, socket }) => process.call('shutdown', { socket, how }));
  }

  /** SO_LINGER with this many seconds, or off. */
  async linger(seconds: number | 'off'): Promise<void> {
    const value = seconds === 'off' ? -1 : seconds;
    const set = ({ process, socket }: ConnectionEnd) =>
      process.call('setOption', { socket, name: 'SO_LINGER', value });
    await this.#each('linger', String(seconds), set);
  }

  /** setsockopt(2), in the units of `measure.option`. */
  async setOption(name: SocketOption, value: number): Promise<void> {
    const set = async ({ process, socket, options }: ConnectionEnd) => {
      await process.call('setOption', { socket, name, value });
      options.set(name, value);
    };
    await this.#each('set option', `${name} ${value}`, set);
  }

  /** socket.write() of a text or of this many bytes. Returns how many bytes the kernel accepted, summed over all connections. */
  async write(content: string | number, until: 'flushed' | 'queued' = 'flushed'): Promise<number> {
    const what = contentOf(content);
    const write = ({ process, socket }: ConnectionEnd) => process.call('write', { socket, until, ...what });
    const results = await this.#each('write', describe(content), write);
    return sum(results.map(({ inKernel }) => inKernel));
  }

  /** send(2) until the kernel accepts no more. Returns how many bytes it accepted, summed over all connections. */
  async fill(): Promise<number> {
    const fill = ({ process, socket }: ConnectionEnd) => process.call('fill', { socket });
    const results = await this.#each('fill', '', fill);
    return sum(results.map(({ bytes }) => bytes));
  }

  /** Reads this many bytes from the only connection, or up to the end. */
  async read(bytes?: number): Promise<ReadResult> {
    const { socket } = this.connection;
    const wanted = bytes === undefined ? {} : { bytes };
    const read = () =>
      readPatiently(`${this.name}, read`, this.run, (timeoutMs) =>
        this.process.call('read', { socket, timeoutMs, ...wanted }),
      );
    const detail = bytes === undefined ? 'to the end' : `${bytes} bytes`;
    return this.run.perform(this.name, 'read', detail, read, nothingRead);
  }

  /** send(2) once, on the descriptor of the only connection. */
  async send(content: string | number): Promise<SendResult> {
    const { socket } = this.connection;
    const send = () => this.process.call('send', { socket, ...contentOf(content) });
    return this.run.perform(this.name, 'send', describe(content), send, { bytes: 0, errno: null });
  }

  /** recv(2) once, on the descriptor of the only connection: the kernel's result, without Node's events. */
  async receive(most = 65_536): Promise<ReceiveResult> {
    const { socket } = this.connection;
    const receive = () => this.process.call('receive', { socket, most });
    const nothing = { bytes: 0, text: '', errno: null };
    return this.run.perform(this.name, 'receive', `up to ${most} bytes`, receive, nothing);
  }

  /** recv(2) repeatedly: the number of bytes before the end, or before an errno. */
  async receiveAll(): Promise<{ bytes: number; end: string }> {
    for (let read = 0; ; ) {
      const { bytes, errno } = await this.receive();
      read += bytes;
      if (errno !== null || bytes === 0) return { bytes: read, end: errno ?? 'end' };
    }
  }

  /** recv(2) or send(2) once on the descriptor of the only connection, made blocking: it waits as long as its options allow. */
  async blockIn(call: 'recv' | 'send', bytes: number): Promise<BlockResult> {
    const { socket } = this.connection;
    const block = () => this.process.call('blockIn', { socket, call, bytes });
    const nothing = { bytes: 0, errno: null, blockedMs: 0 };
    return this.run.perform(this.name, 'block in', `${call} of ${bytes} bytes`, block, nothing);
  }

  /** Drops arriving segments of this kind at the sockets, as if they were lost. Needs a namespace. */
  async deafen(to: Deafness): Promise<void> {
    await this.#each('deafen', `to ${to}`, ({ process, socket }) => process.call('deaf', { socket, to }));
  }

  /** Ends deafness. */
  async hear(): Promise<void> {
    const hear = ({ process, socket }: ConnectionEnd) => process.call('deaf', { socket, to: 'nothing' });
    await this.#each('hear', 'again', hear);
  }

  /** Starts another process that also holds the only connection. Returns its pid. */
  async share(): Promise<number> {
    const { socket } = this.connection;
    const share = () => this.process.call('share', { socket });
    const { pid } = await this.run.perform(this.name, 'share', 'with a second process', share, { pid: 0 });
    return pid;
  }

  /** Ends the process that share() started. */
  async unshare(pid: number): Promise<void> {
    const unshare = () => this.process.call('unshare', { pid });
    await this.run.perform(this.name, 'unshare', `with process ${pid}`, unshare, undefined);
  }

  /** Lets the process write a core dump to this folder when a signal kills it, with at least this many bytes of memory. */
  async allowCoreDump(folder: string, bytes: number): Promise<void> {
    await this.process.call('changeFolder', { path: folder });
    await this.process.call('takeMemory', { bytes });
    await this.process.allowCoreDump();
  }

  /** The result for each connection; none if the stimulus was withheld. */
  async #each<Result>(
    stimulus: Stimulus,
    detail: string,
    act: (end: ConnectionEnd) => Promise<Result>,
  ): Promise<Result[]> {
    return this.run.perform(this.name, stimulus, detail, () => Promise.all(this.ends.map(act)), []);
  }
}

const longestShown = 60;
const untouched: Ended = { state: 'not ended' };
const nothingRead: ReadResult = { bytes: 0, sha256: '', text: '', ended: 'error', error: 'left out' };

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
