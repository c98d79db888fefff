/** Results of a peer's methods that scenarios see. */
import type { Measured } from '../measured.ts';

/**
 * What a peer does with a connection on its own:
 * - `idle`: nothing; what arrives stays in the kernel until it is read
 * - `reads`: reads everything, and ends its side when the other has ended (an ordinary server or client)
 * - `echoes`: the same, and sends back what it read
 * - `leaks`: reads everything and never closes
 */
export type Conduct = 'idle' | 'reads' | 'echoes' | 'leaks';

export interface ReadResult {
  readonly bytes: number;
  readonly sha256: string;
  /** The first 200 bytes, as Latin-1. */
  readonly text: string;
  /** `enough`: all wanted bytes were read; `end`: the other side has ended its stream (FIN); or an error. */
  readonly ended: 'enough' | 'end' | 'error';
  /** The errno of an error; ETIME if nothing more arrived in time. */
  readonly error: string | null;
}

/** The number of bytes that send(2) accepted, or its errno. */
export interface SendResult {
  readonly bytes: number;
  readonly errno: string | null;
}

/** The result of recv(2): 0 bytes without errno is the end of the stream. */
export interface ReceiveResult {
  readonly bytes: number;
  readonly text: string;
  readonly errno: string | null;
}

export type { BindingResult as ProbeResult } from '../native/binding.ts';

/** When segments of a connection were retransmitted, and when the kernel gave up, from the start of the watch. */
export interface Retransmissions {
  /** Each retransmission; null for one that was followed by the next before a look. */
  readonly sentAgain: readonly (Measured | null)[];
  /** null if it was still there in the end. */
  readonly gone: Measured | null;
}

/** Which side closes first. */
export type CloseOrder = 'server' | 'client';

/** SO_LINGER: off, or seconds. */
export type Linger = 'off' | number;

/** How each of many short connections ends. */
export interface ShortConnections {
  readonly closer: CloseOrder;
  /** For the side that closes first. */
  readonly linger: Linger;
}

/** The result of a blocking call, and how long it blocked. */
export interface BlockResult {
  readonly bytes: number;
  readonly errno: string | null;
  readonly blockedMs: number;
}
