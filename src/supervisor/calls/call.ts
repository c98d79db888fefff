import * as v from 'valibot';
import { type Harmless, harmless } from '../../foreign.ts';
import type { Row } from '../../observe/row.ts';
import { count, number } from '../../rpc/messages.ts';

/** Text of other programs. */
export const stranger = v.pipe(v.string(), v.transform(harmless));

/** The options of a socket that decide bind(2) and listen(2), at the moment of a call. */
const options = v.object({
  reuseAddress: v.boolean(),
  reusePort: v.boolean(),
  /** null for a socket that is not IPv6. */
  v6Only: v.nullable(v.boolean()),
});
export type OptionsAtCall = v.InferOutput<typeof options>;

/** A bind(2) or listen(2) of a watched program, as seen while it waited, and its result. */
export const call = v.object({
  /** Counts the calls of a supervisor, from 1. */
  number: count,
  call: v.picklist(['bind', 'listen']),
  /** The process, even if another of its threads called. */
  pid: count,
  /** The file name of its executable, or the kernel's name of the process if that cannot be read. */
  program: stranger,
  /** The number of the descriptor there. */
  fd: v.pipe(v.number(), v.integer()),
  family: v.picklist(['IPv4', 'IPv6', 'Unix']),
  /** `stream` for TCP (and MPTCP) too; `datagram` for UDP. */
  type: v.picklist(['stream', 'datagram', 'other']),
  /** The address to bind, or the bound address of a listen; null if it has none, or if it cannot be read. Port 0 means any port. */
  address: v.nullable(v.string()),
  port: v.nullable(count),
  /** The path of a Unix socket as passed to the call; an abstract name begins with @. */
  path: v.nullable(stranger),
  /** null if they cannot be read. */
  options: v.nullable(options),
  /** The inode of the socket, as /proc and ss show it; null if it cannot be read. */
  inode: v.nullable(count),
  /** Whether the process is in the network namespace of tcpclose. */
  network: v.picklist(['same', 'other']),
  /** Milliseconds of CLOCK_MONOTONIC. */
  at: number,
  /**
   * `ok`, or the errno; `failed` if the socket was not bound afterwards, for an unknown reason; `not seen` if
   * the socket was gone before it could be looked at.
   */
  result: v.string(),
  /**
   * The source of the result: the socket itself `afterwards`, or `just before` our own bind with the same options, and the port's sockets.
   */
  seen: v.nullable(v.picklist(['afterwards', 'just before'])),
  /** For a call that failed because of the port: the sockets on it at that moment, with their processes. */
  inTheWay: v.custom<readonly Row[]>(Array.isArray),
});
export type Call = v.InferOutput<typeof call>;

/** Whether the calls of a command are watched; `off` with a reason for the user. */
export type Watching = { readonly state: 'on' } | { readonly state: 'off'; readonly reason: Harmless };
