import { fstatSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import type { Endpoint } from '../address.ts';
import { SystemCallError } from '../native/errno.ts';
import { connectUnix } from '../native/unix-socket.ts';
import { retry, within } from '../time.ts';
import { reachable, type Target, type TcpTarget, type UnixTarget } from './target.ts';

const connectDeadlineMs = 10_000;
const patience = { withinMs: connectDeadlineMs, everyMs: 5 };

/** A real client of the server: it reads everything, and closes only on request. */
export class Client {
  readonly #socket: Socket;
  /** Its address and port, kept because a closed socket no longer has them; port 0 for a Unix socket. */
  readonly local: Endpoint;
  /** The inode of a Unix socket, by which the kernel identifies its other end; undefined for TCP. */
  readonly inode: number | undefined;
  /** Bytes that the server has sent. */
  received = 0;
  /** What the server has done to the connection: `ended` means a FIN, `reset` an error such as ECONNRESET. */
  state: 'open' | 'ended' | 'reset' = 'open';

  #nudged: 'no' | 'yes' = 'no';
  #receivedBefore = 0;

  private constructor(socket: Socket, inode: number | undefined) {
    this.#socket = socket;
    this.inode = inode;
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    socket
      .on('data', (data: Buffer) => {
        this.received += data.length;
      })
      .once('end', () => {
        if (this.state === 'open') this.state = 'ended';
      })
      .on('error', () => {
        this.state = 'reset';
      });
  }

  /** @throws Error from connect(2) */
  static connect(target: Target): Promise<Client> {
    return target.kind === 'unix' ? Client.#connectUnix(target) : Client.#connectTcp(target);
  }

  // ECONNRESET: the server accepted the connection, and reset it before Node had seen that it was there.
  static #connectTcp(target: TcpTarget): Promise<Client> {
    const isReset = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    const connected = () => Client.#connectOnce(target);
    return retry('a connection that is not reset at once', connected, isReset, patience);
  }

  static async #connectOnce(target: TcpTarget): Promise<Client> {
    const socket = connect({ ...placeOf(target), allowHalfOpen: true });
    const connected = new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    const late = () => new Error(`no connection within ${connectDeadlineMs / 1000} s`);
    try {
      await within(connectDeadlineMs, connected, late);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new Client(socket, undefined);
  }

  // EAGAIN: the queue of the listener is full.
  static async #connectUnix({ name, file }: UnixTarget): Promise<Client> {
    const connect = () => connectUnix(file?.path ?? name);
    const isFull = (error: unknown) => error instanceof SystemCallError && error.errno === 'EAGAIN';
    const fd = await retry('room in the queue of the listener', connect, isFull, patience);
    const inode = fstatSync(fd).ino;
    return new Client(new Socket({ fd, allowHalfOpen: true, readable: true, writable: true }), inode);
  }

  /** Whether anything has arrived since the request was sent; earlier data, such as a greeting, is not an answer. */
  get answered(): boolean {
    return this.received > this.#receivedBefore;
  }

  /** Sends a request. */
  send(request: Buffer): void {
    this.#receivedBefore = this.received;
    if (this.#socket.writable) this.#socket.write(request);
  }

  /**
   * Sends an empty line, once, because some servers get a client only when it has sent something (TCP_DEFER_ACCEPT). Those are HTTP
   * servers, which ignore the line (RFC 9112, section 2.2).
   */
  nudge(): void {
    if (this.#nudged === 'no') this.send(Buffer.from('\r\n'));
    this.#nudged = 'yes';
  }

  /** Sends FIN, and returns when it has been sent. */
  async close(): Promise<void> {
    if (this.#socket.writable) await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  /** Sends RST, which also removes the server's end from the kernel. */
  reset(): void {
    // Unix sockets do not have RST.
    if (this.inode !== undefined) this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }
}

export function placeOf({ port, listeners }: TcpTarget): { host: string; port: number } {
  // Prefer IPv4, as most local clients do.
  const [listener] = [...listeners].sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'));
  return { host: listener === undefined ? '127.0.0.1' : reachable(listener.local), port };
}
