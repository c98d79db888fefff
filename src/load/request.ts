import * as v from 'valibot';
import { count, number } from '../rpc/messages.ts';
import { kinds } from './spec.ts';

/**
 * How a request ended. `answered`: completely. `cut`: in the middle of the answer. `closed`: by FIN, before a byte of the answer.
 * `refused`: connect(2) failed with ECONNREFUSED. `reset`: by RST, before a byte of the answer. `timed out`: not over in time. `garbled`:
 * the answer is not of the protocol. `not made`: tcpclose could not make it (no descriptor, no port), which says nothing about the server.
 */
export const classes = [
  'answered',
  'cut',
  'closed',
  'refused',
  'reset',
  'timed out',
  'garbled',
  'not made',
] as const;
export type Class = (typeof classes)[number];

/** A request that is over. Times are milliseconds of CLOCK_MONOTONIC. */
export const finished = v.object({
  /** Counts from 1. The HTTP header `X-Request-Id: tcpclose-<id>` contains it. */
  id: count,
  kind: v.picklist(kinds),
  class: v.picklist(classes),
  /** What ended it early; null if it was answered, or if tcpclose abandoned it. */
  endedBy: v.nullable(v.picklist(['FIN', 'RST', 'error'])),
  /** The errno, or the code of Node's parser. */
  code: v.nullable(v.string()),
  /** RST if one arrived at once after the FIN: what the client had sent was not read. */
  followedBy: v.nullable(v.literal('RST')),
  /** The status of an HTTP answer; null otherwise. */
  status: v.nullable(count),
  /** The length of the answer: of its body in HTTP. */
  bytes: count,
  /** Whether the answer itself marks its end, or the end of the connection does. */
  delimited: v.picklist(['itself', 'by the close']),
  /** Whether the answer said that the connection would close (`Connection: close`, or HTTP/1.0). */
  announcesClose: v.boolean(),
  /** The number of the connection in its generator, from 1; 0 if none was opened. */
  connection: count,
  /** The port of the client's end; 0 if it was never connected, or on a Unix socket. */
  localPort: count,
  /** The number of the request on its connection, from 1. */
  use: count,
  startedAt: number,
  /** When the kernel had accepted the whole request; null if it was not sent. */
  sentAt: v.nullable(number),
  /** When its connection was established: before `startedAt` for a reused one; null if it was not. */
  connectedAt: v.nullable(number),
  endedAt: number,
  /** The previous answer on the same connection; null for the first. */
  previous: v.nullable(v.object({ endedAt: number, announcedClose: v.boolean() })),
});
export type FinishedRequest = v.InferOutput<typeof finished>;

/** A kept connection that the server ended without announcing it (`Connection: close`), as its client saw it. */
export const connectionEnd = v.object({
  localPort: count,
  connectedAt: number,
  by: v.picklist(['FIN', 'RST']),
  /** Whether a request was on it. */
  when: v.picklist(['at rest', 'in flight']),
  at: number,
});
export type ConnectionEnd = v.InferOutput<typeof connectionEnd>;

/** Whether a client did not get its answer. */
export function isLost({ class: ending }: Pick<FinishedRequest, 'class'>): boolean {
  return ending !== 'answered' && ending !== 'not made';
}

/** Whether a TLS error code, as Node reports it, is about the certificate. */
export function isOfCertificate(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);
}
