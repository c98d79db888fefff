/** What commands to a peer come back with, where a scenario sees it. */
import type { Measured } from '../measured.ts';

/**
 * What a peer does with a connection of its own accord:
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
  /** `enough` bytes were there, the other side has ended its stream (FIN), or there was an error. */
  readonly ended: 'enough' | 'end' | 'error';
  /** errno where there was one; ETIME when nothing more came in time. */
  readonly error: string | null;
}

/** How many bytes send(2) took, or its errno. */
export interface SendResult {
  readonly bytes: number;
  readonly errno: string | null;
}

/** What recv(2) gave: 0 bytes and no errno is the end of the stream. */
export interface ReceiveResult {
  readonly bytes: number;
  readonly text: string;
  readonly errno: string | null;
}

/** What bind(2) and then listen(2) said: `ok` or errno; null where listen was not tried. */
export interface ProbeResult {
  readonly bind: string;
  readonly listen: string | null;
}

/** When segments of a connection were sent again, and when the kernel gave it up, since it was watched. */
export interface Retransmissions {
  /** Each of them; null for one that was followed by the next before anybody looked. */
  readonly sentAgain: readonly (Measured | null)[];
  /** null where it was still there in the end. */
  readonly gone: Measured | null;
}

/** Which side closes first. */
export type CloseOrder = 'server' | 'client';

/** SO_LINGER: off, or seconds. */
export type Linger = 'off' | number;

/** What becomes of each of many short connections. */
export interface ShortConnections {
  readonly closer: CloseOrder;
  /** Of the side that closes first. */
  readonly linger: Linger;
}

/** What a blocking call gave, and how long it held its thread up. */
export interface BlockResult {
  readonly bytes: number;
  readonly errno: string | null;
  readonly blockedMs: number;
}
