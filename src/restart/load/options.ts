import type { Protocol, Tls } from '../../load/protocol.ts';
import type { LoadSpec } from '../../load/spec.ts';

/** The user's options about the load. */
export interface LoadOptions {
  readonly spec: LoadSpec;
  readonly protocol: Protocol;
  readonly tls: Tls;
  /** How long a request may take. */
  readonly requestTimeoutMs: number;
  /** The share of requests that may be lost, from 0 to 1. */
  readonly allowedLoss: number;
  /** How long after the signal everything is killed; undefined if nothing is. */
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
