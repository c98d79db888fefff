import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { monotonicMs } from '../../native/clock.ts';
import { isConnectionOver } from '../../native/tcp-info.ts';
import type { Plan } from '../plan.ts';
import type { ConnectionEnd, FinishedRequest } from '../request.ts';

/** A client's connection, and its history. */
export class Wire {
  static #opened = 0;
  readonly number = ++Wire.#opened;
  readonly socket: Socket;
  connectedAt: number | null = null;
  localPort = 0;
  /** How many requests have used it. */
  uses = 0;
  /** How many of these requests are over. */
  over = 0;
  /** How the last request ended. */
  last: FinishedRequest['class'] | undefined;
  /** The last answer on this connection. */
  previous: FinishedRequest['previous'] = null;
  /** Its first error. */
  error: NodeJS.ErrnoException | undefined;
  /** RST if the server's kernel discarded what was sent because the server had closed; the RST arrives at once after the FIN. */
  followedBy: 'RST' | null = null;
  /** Whether the server has ended it. */
  #end: 'seen' | 'not seen' = 'not seen';
  readonly #onEnd: (end: ConnectionEnd) => void;

  constructor({ place, tls }: Plan, onEnd: (end: ConnectionEnd) => void) {
    this.#onEnd = onEnd;
    this.socket = tls === null ? connect(place) : connectTls({ ...place, ...trusting(tls) });
    // Added before all other listeners, because this must be known when they are called.
    this.socket
      .once('connect', () => {
        this.connectedAt = monotonicMs();
        this.localPort = this.socket.localPort ?? 0;
      })
      .once('end', () => {
        this.followedBy = isResetAfterFin(this.socket) ? 'RST' : null;
        this.#endedBy('FIN');
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        this.error ??= error;
        if (error.code === 'ECONNRESET' && error.syscall !== undefined) this.#endedBy('RST');
      });
    this.socket.setNoDelay(true);
  }

  #endedBy(by: ConnectionEnd['by']): void {
    if (this.#end === 'seen' || this.connectedAt === null) return;
    this.#end = 'seen';
    const { localPort, connectedAt } = this;
    const at = monotonicMs();
    const isInFlight = this.uses > this.over;
    // An answer may end with its connection, which the HTTP client notices a moment later.
    setImmediate(() => {
      const when = isInFlight && this.last !== 'answered' ? 'in flight' : 'at rest';
      if (when === 'at rest' && this.previous?.announcedClose === true) return;
      this.#onEnd({ localPort, connectedAt, by, when, at });
    });
  }
}

/** Whether a RST followed the FIN. Call this before Node has closed its own end. Node does not expose the descriptor of a TLS connection. */
function isResetAfterFin(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 && isConnectionOver(handle.fd);
}

// The name in the certificate is not compared: the server runs here, under another name than users know.
function trusting({ ca }: NonNullable<Plan['tls']>): object {
  return ca === null ? { rejectUnauthorized: false } : { ca, checkServerIdentity: () => undefined };
}
