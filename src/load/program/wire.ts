import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { monotonicMs } from '../../native/clock.ts';
import type { Plan } from '../plan.ts';
import type { FinishedRequest } from '../request.ts';

/** A client's connection, and what became of it. */
export class Wire {
  static #opened = 0;
  readonly number = ++Wire.#opened;
  readonly socket: Socket;
  connectedAt: number | null = null;
  localPort = 0;
  /** How many requests have used it. */
  uses = 0;
  /** The last answer on it. */
  previous: FinishedRequest['previous'] = null;
  /** Its first error. */
  error: NodeJS.ErrnoException | undefined;
  /** Whether the server has closed it. */
  fin: 'received' | 'not received' = 'not received';

  constructor({ place, tls }: Plan) {
    this.socket = tls === null ? connect(place) : connectTls({ ...place, ...trusting(tls) });
    // Before the listeners of anybody else, so that this is known when they are called.
    this.socket
      .once('connect', () => {
        this.connectedAt = monotonicMs();
        this.localPort = this.socket.localPort ?? 0;
      })
      .once('end', () => {
        this.fin = 'received';
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        this.error ??= error;
      });
    this.socket.setNoDelay(true);
  }
}

// The name in the certificate is not compared: the server runs here, under another name than its users know.
function trusting({ ca }: NonNullable<Plan['tls']>): object {
  return ca === null ? { rejectUnauthorized: false } : { ca, checkServerIdentity: () => undefined };
}
