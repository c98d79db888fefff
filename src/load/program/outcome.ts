import { monotonicMs } from '../../native/clock.ts';
import { type FinishedRequest, isOfCertificate } from '../request.ts';
import type { Kind } from '../spec.ts';
import type { Wire } from './wire.ts';

/** A request that was started. */
export interface Begun {
  readonly id: number;
  readonly kind: Kind;
  readonly startedAt: number;
  sentAt: number | null;
  /** The last answer on its connection before it started. */
  previous: FinishedRequest['previous'];
}

/** What has arrived of an answer. */
export type Answer = Pick<FinishedRequest, 'status' | 'bytes' | 'delimited' | 'announcesClose'>;

export const noAnswer: Answer = { status: null, bytes: 0, delimited: 'itself', announcesClose: false };

/** How an unanswered request ended. */
export type Ending = Pick<FinishedRequest, 'class' | 'endedBy' | 'code'>;

export const answered: Ending = { class: 'answered', endedBy: null, code: null };
export const timedOut: Ending = { class: 'timed out', endedBy: null, code: null };

/** Limits of the machine and of tcpclose, for which the server is not responsible. */
const ownLimits = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
/** EAGAIN: the queue of a listener on a Unix socket is full. ENOENT: its file is gone. */
const refusals = new Set(['ECONNREFUSED', 'ENOENT', 'EAGAIN']);

/**
 * The class of a request whose connection ended or failed.
 * @param received whether a byte of the answer had arrived
 */
export function endingOf(error: NodeJS.ErrnoException | undefined, received: 'some' | 'none'): Ending {
  const code = error?.code ?? null;
  // Node also reports an unexpected FIN as ECONNRESET, but without a system call.
  const isCall = error?.syscall !== undefined;
  if (error?.syscall === 'connect') {
    if (code !== null && ownLimits.has(code)) return { class: 'not made', endedBy: 'error', code };
    if (code !== null && refusals.has(code)) return { class: 'refused', endedBy: 'RST', code };
    if (code === 'ETIMEDOUT') return { class: 'timed out', endedBy: 'error', code };
  }
  if (code !== null && /^HPE_/.test(code) && code !== 'HPE_INVALID_EOF_STATE')
    return { class: 'garbled', endedBy: 'error', code };
  if (code !== null && isOfCertificate(code)) return { class: 'garbled', endedBy: 'error', code };
  const endedBy = isCall ? 'RST' : 'FIN';
  if (received === 'some') return { class: 'cut', endedBy, code: isCall ? code : null };
  return { class: endedBy === 'RST' ? 'reset' : 'closed', endedBy, code: isCall ? code : null };
}

/** The record of a request that is over. */
export function recordOf(
  { id, kind, startedAt, sentAt, previous }: Begun,
  wire: Wire | undefined,
  ending: Ending,
  answer: Answer,
): FinishedRequest {
  const endedAt = monotonicMs();
  if (wire !== undefined) {
    wire.previous = { endedAt, announcedClose: answer.announcesClose };
    wire.over++;
    wire.last = ending.class;
  }
  return {
    ...{ id, kind, ...ending, ...answer },
    connection: wire?.number ?? 0,
    localPort: wire?.localPort ?? 0,
    use: wire?.uses ?? 0,
    ...{ startedAt, sentAt, connectedAt: wire?.connectedAt ?? null, endedAt, previous },
    followedBy: wire?.followedBy ?? null,
  };
}
