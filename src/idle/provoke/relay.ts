import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { FoundPlace } from '../place.ts';

/** The field by which a request is recognised on its way. */
export const requestField = 'X-Tcpclose-Request';
const fieldPattern = new RegExp(`\\r\\n${requestField}: *([\\w-]+)\\r\\n`, 'gi');
/** Beyond this no more is taken in until some has been passed on. */
const mostHeld = 1024 * 1024;
/** The end of a piece, in which a field may have begun. */
const keptTail = 200;

interface Passage {
  readonly request: string;
  /** The connection that carried it, by its number. */
  readonly connection: number;
}

/**
 * Passes bytes on between a client and the server, and holds each of them, and the FIN, back for some milliseconds: a network with that
 * delay. It knows that the server has closed before the client can.
 */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly passed: Passage[] = [];
  /** How many connections it has carried. */
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

/** Timers of the same length end in the order in which they began. */
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
