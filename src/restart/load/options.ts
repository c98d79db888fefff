import type { Protocol, Tls } from '../../load/protocol.ts';
import type { LoadSpec } from '../../load/spec.ts';

/** The user's options for the load. */
export interface LoadOptions {
  readonly spec: LoadSpec;
  readonly protocol: Protocol;
  readonly tls: Tls;
  /** The time limit of a request. */
  readonly requestTimeoutMs: number;
  /** The share of requests that may be lost, from 0 to 1. */
  readonly allowedLoss: number;
  /** When everything is killed, counted from the signal; undefined for never. */
  readonly drainMs: number | undefined;
  /** How long after the signal requests are still sent; undefined if they never stop. */
  readonly preStopMs: number | undefined;
}

/** `GET /`, or the number of bytes. */
export function describeRequest({ protocol, tls }: LoadOptions): string {
  const secured = tls === null ? '' : ' over TLS';
  if (protocol.kind === 'http')
    return `${protocol.body === null ? 'GET' : 'POST'} ${protocol.path}${protocol.slowPath === null ? '' : `, slow ${protocol.slowPath}`}${secured}`;
  return `${Buffer.from(protocol.request, 'base64').length} bytes${secured}`;
}

/** Where to look if the server does not answer the load. */
export function aboutRequest({ protocol, tls }: LoadOptions): string {
  const orTls = tls === null ? ', add --tls if it speaks TLS' : '';
  if (protocol.kind === 'http')
    return `look at --path${orTls}, or give --request and --answer if it does not speak HTTP/1.1`;
  const [literal] =
    /\\(?:[rn]|x[0-9a-f]{2})/i.exec(Buffer.from(protocol.request, 'base64').toString('latin1')) ?? [];
  return literal === undefined
    ? 'look at --request and --answer'
    : `look at --request, which has a backslash in "${literal}": the bytes of a file are sent as they are; and at --answer`;
}
