import * as v from 'valibot';
import { type Harmless, harmless } from '../../foreign.ts';
import type { Row } from '../../observe/row.ts';
import { count } from '../../rpc/messages.ts';

const stranger = v.pipe(v.string(), v.transform(harmless));

/** The options of a socket at the moment of a call, as bind(2) and listen(2) go by them. */
const options = v.object({
  reuseAddress: v.boolean(),
  reusePort: v.boolean(),
  /** null for a socket that is not of IPv6. */
  v6Only: v.nullable(v.boolean()),
});
export type OptionsAtCall = v.InferOutput<typeof options>;

/** A bind(2) or listen(2) of a watched program, as it was seen while it waited to be let go, and what came of it. */
export const call = v.object({
  /** Counts the calls of a supervisor, from 1. */
  number: count,
  call: v.picklist(['bind', 'listen']),
  /** The process; the threads of one have its number. */
  pid: count,
  /** The file name of its executable, or the kernel's name of the process where that cannot be read. */
  program: stranger,
  /** The number of the descriptor there. */
  fd: v.pipe(v.number(), v.integer()),
  family: v.picklist(['IPv4', 'IPv6', 'Unix']),
  /** `stream` for TCP (and MPTCP) too; `datagram` for UDP. */
  type: v.picklist(['stream', 'datagram', 'other']),
  /** Where it is to be bound, or of a listen where it is; null where it has none, or it cannot be read. Port 0: any. */
  address: v.nullable(v.string()),
  port: v.nullable(count),
  /** Of a Unix socket, as it was given; an abstract name begins with @. */
  path: v.nullable(stranger),
  /** null where they cannot be read. */
  options: v.nullable(options),
  /** The socket's, as /proc and ss show it; null where it cannot be read. */
  inode: v.nullable(count),
  /** Whether the process is in the network namespace of tcpclose. */
  network: v.picklist(['same', 'other']),
  /** Milliseconds of CLOCK_MONOTONIC. */
  at: v.number(),
  /**
   * `ok`, or the errno; `failed` where the socket was seen not to be bound afterwards and why is not known; `not seen` where
   * the socket was gone before it could be looked at.
   */
  result: v.string(),
  /**
   * When that was seen: on the socket itself `afterwards`, or `just before`, by what a bind of our own with the same options got, and
   * by which sockets there were.
   */
  seen: v.nullable(v.picklist(['afterwards', 'just before'])),
  /** Of a call that failed for the port: the sockets on it at that moment, with who had them. */
  inTheWay: v.custom<readonly Row[]>(Array.isArray),
});
export type Call = v.InferOutput<typeof call>;

/** Whether the calls of a command are watched; `off` for a reason that a user can read. */
export type Watching = { readonly state: 'on' } | { readonly state: 'off'; readonly reason: Harmless };
