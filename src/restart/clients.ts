import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../address.ts';
import { messageOf, TcpcloseError } from '../errors.ts';
import type { Row } from '../observe/row.ts';
import { within } from '../time.ts';
import { reachable, type Target } from './target.ts';

const connectDeadlineMs = 10_000;
const answerDeadlineMs = 10_000;

/** A real client of the server: it reads all that comes, and closes only when told. */
export class Client {
  readonly #socket: Socket;
  /** Kept, since a closed socket no longer tells. */
  readonly local: Endpoint;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    socket.on('error', () => {}).resume();
  }

  /** @throws Error of connect(2) */
  static async connect(target: Target): Promise<Client> {
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
    return new Client(socket);
  }

  /**
   * Sends a request, and returns when the answer has begun to arrive, or the server has closed.
   * @throws TcpcloseError `no-answer`
   */
  async request(text: string): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      for (const event of ['data', 'end', 'close']) this.#socket.once(event, () => resolve());
    });
    this.#socket.write(text);
    const late = () =>
      new TcpcloseError(
        'no-answer',
        `the server did not answer the request within ${answerDeadlineMs / 1000} s: look at --request`,
      );
    await within(answerDeadlineMs, answered, late);
  }

  /** Whether that is the server's end of it. */
  isOf({ remote }: Row): boolean {
    return remote.port === this.local.port;
  }

  /** Sends FIN, and returns when it has been sent. */
  async close(): Promise<void> {
    if (this.#socket.writable) await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  /** Sends RST, which also ends what the kernel has kept of the server's end. */
  reset(): void {
    // A Unix socket has no port, and knows no RST.
    if (this.local.port === 0) this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }
}

/** Opens that many connections, one after the other, as clients of a server come. */
export async function openClients(
  target: Target,
  count: number,
  request: string | undefined,
): Promise<Client[]> {
  const clients: Client[] = [];
  try {
    for (let i = 0; i < count; i++) clients.push(await Client.connect(target));
  } catch (error) {
    for (const client of clients) client.reset();
    throw new TcpcloseError(
      'no-connection',
      `client ${clients.length + 1} of ${count} cannot connect to ${describeTarget(target)} (${messageOf(error)}): is it the right port?`,
      error,
    );
  }
  if (request !== undefined) await Promise.all(clients.map((client) => client.request(request)));
  return clients;
}

function placeOf(target: Target): { host: string; port: number } | { path: string } {
  if (target.kind === 'unix') return { path: target.path.replace(/^@/, '\0') };
  const { port, listeners } = target;
  // IPv4 where there is a choice, as most clients of a machine's own servers.
  const [listener] = [...listeners].sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'));
  return { host: listener === undefined ? '127.0.0.1' : reachable(listener.local), port };
}

export function describeTarget(target: Target): string {
  return target.kind === 'unix' ? target.path : `port ${target.port}`;
}
