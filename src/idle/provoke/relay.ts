import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { FoundPlace } from '../place.ts';

/** The header field that identifies a request on its way. */
export const requestField = 'X-Tcpclose-Request';
const fieldPattern = new RegExp(`\\r\\n${requestField}: *([\\w-]+)\\r\\n`, 'gi');
/** When this much waits, nothing more is read until some has been forwarded. */
const mostHeld = 1024 * 1024;
/** How many bytes at the end of a chunk are kept, because a field may begin there. */
const keptTail = 200;

interface Passage {
  readonly request: string;
  /** The number of the connection that carried it. */
  readonly connection: number;
}

/**
 * Forwards bytes between a client and the server, and delays each of them, and the FIN, by some milliseconds, like a network with that
 * delay. It knows before the client that the server has closed.
 */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly passed: Passage[] = [];
  /** The number of connections it has carried. */
  connections = 0;
  onServerEnd: (connection: number) => void = () => {};
  onClientEnd: (connection: number) => void = () => {};

  private constructor(place: FoundPlace, holdMs: number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#carry(client, place, holdMs),
    );
  }

  static async open(place: FoundPlace, holdMs: number): Promise<Relay> {
    const relay = new Relay(place, holdMs);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(client: Socket, { address, port }: FoundPlace, holdMs: number): void {
    const number = this.connections++;
    const server = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    let ended: 'no' | 'yes' = 'no';
    const end = (report: (connection: number) => void) => {
      if (ended === 'no') report(number);
      ended = 'yes';
    };
    let tail = '';
    client.on('data', (data: Buffer) => {
      const text = tail + data.toString('latin1');
      const found = [...text.matchAll(fieldPattern)];
      for (const [, request = ''] of found) this.passed.push({ request, connection: number });
      tail = found.length > 0 ? '' : text.slice(-keptTail);
    });
    pass(client, server, holdMs, () => end((connection) => this.onClientEnd(connection)));
    pass(server, client, holdMs, () => end((connection) => this.onServerEnd(connection)));
  }
}

/** Timers of equal length fire in the order in which they were set. */
function pass(from: Socket, to: Socket, holdMs: number, onEnd: () => void): void {
  let held = 0;
  from.on('data', (data: Buffer) => {
    held += data.length;
    if (held > mostHeld) from.pause();
    setTimeout(() => {
      held -= data.length;
      if (held <= mostHeld) from.resume();
      if (to.writable) to.write(data);
    }, holdMs);
  });
  from.once('end', () => {
    onEnd();
    setTimeout(() => to.end(), holdMs);
  });
  from.on('error', () => {
    onEnd();
    setTimeout(() => to.resetAndDestroy(), holdMs);
  });
}
