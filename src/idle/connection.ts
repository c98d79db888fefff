import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../address.ts';
import { messageOf } from '../errors.ts';
import { type Harmless, harmless } from '../foreign.ts';
import { type TcpInfo, tcpInfo } from '../native/tcp-info.ts';
import { formatSpan, unlessAborted, within } from '../time.ts';
import type { FoundPlace } from './place.ts';

const connectDeadlineMs = 10_000;

/** How a server ended a connection, at a time of performance.now(). */
interface End {
  readonly by: 'FIN' | 'RST';
  readonly at: number;
  /** The time between the last data and the FIN by the kernel's clock, which a busy machine does not delay; null if unknown. */
  readonly quietMs: number | null;
}

/** A connection to the server: it shows what arrives and when, and never closes by itself. */
export class Connection {
  readonly #socket: Socket | TLSSocket;
  readonly local: Endpoint;
  /** The round-trip time of the handshake, from the kernel; null if it cannot be read. */
  readonly rttMs: number | null;
  /** When it was established. */
  readonly at = performance.now();
  readonly ended: Promise<End>;
  end: End | undefined;
  onData: (data: Buffer, at: number) => void = () => {};

  private constructor(socket: Socket | TLSSocket, { local, rttMs }: Pick<Connection, 'local' | 'rttMs'>) {
    this.#socket = socket;
    this.local = local;
    this.rttMs = rttMs;
    this.ended = new Promise((resolve) => {
      const end = (by: End['by']) => {
        this.end ??= { by, at: performance.now(), quietMs: by === 'FIN' ? quietOf(socket) : null };
        resolve(this.end);
      };
      socket.once('end', () => end('FIN'));
      socket.on('error', () => end('RST')).once('close', () => end('RST'));
    });
    socket.on('data', (data: Buffer) => this.onData(data, performance.now()));
  }

  /** @throws Error of connect(2), or of the TLS handshake */
  static async open(
    place: FoundPlace,
    signal: AbortSignal,
    withinMs = connectDeadlineMs,
  ): Promise<Connection> {
    signal.throwIfAborted();
    const carrier = connect({ host: place.address, port: place.port, allowHalfOpen: true, noDelay: true });
    try {
      await opened(carrier, 'connect', 'connection', withinMs, signal);
      const { localAddress: address = '', localPort: port = 0 } = carrier;
      const handshake = { local: { address, port }, rttMs: infoOf(carrier)?.rttMs ?? null };
      if (place.tls === 'off') return new Connection(carrier, handshake);
      const secure = connectTls({
        socket: carrier,
        // Any certificate is accepted, because nothing secret is sent and no answer is trusted.
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
      });
      await opened(secure, 'secureConnect', 'TLS handshake', withinMs, signal);
      return new Connection(secure, handshake);
    } catch (error) {
      carrier.destroy();
      throw error;
    }
  }

  send(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Closes the connection with FIN, and ignores what still arrives. */
  close(): void {
    this.onData = () => {};
    this.#socket.destroy();
  }
}

/** The first line of some bytes, for display. */
export function firstLine(bytes: Buffer): Harmless {
  const [line = ''] = bytes.subarray(0, 120).toString('latin1').split(/\r?\n/, 1);
  return harmless(line.trimEnd());
}

/** The reason of a failed attempt to connect: its errno if it has one. */
export function failureOf(error: unknown): Harmless {
  const code = (error as NodeJS.ErrnoException).code;
  return harmless(typeof code === 'string' ? code : messageOf(error));
}

async function opened(
  socket: Socket,
  event: string,
  what: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const late = () => new Error(`no ${what} within ${formatSpan(withinMs)}`);
  const open = new Promise<void>((resolve, reject) => {
    socket.once(event, resolve).once('error', reject);
    socket.once('close', () => reject(new Error(`the server closed before the ${what} was complete`)));
  });
  await within(withinMs, unlessAborted(signal, open), late);
}

/** How long the connection was quiet. The end of a TLS stream is data too, so the kernel's times do not show it. */
function quietOf(socket: Socket | TLSSocket): number | null {
  const info = 'encrypted' in socket ? null : infoOf(socket);
  return info === null ? null : Math.max(0, info.lastDataReceivedMs - info.lastAckReceivedMs);
}

function infoOf(socket: Socket): TcpInfo | null {
  const fd = (socket as unknown as { _handle: { fd: number } | null })._handle?.fd;
  try {
    return fd === undefined || fd < 0 ? null : tcpInfo(fd);
  } catch {
    return null;
  }
}
