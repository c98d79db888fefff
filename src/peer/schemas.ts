/** Parts of the params and notifications of a peer. */
import * as v from 'valibot';
import { socketOptionNames } from '../native/options.ts';
import { count, number, port } from '../rpc/messages.ts';
import type { Conduct } from './results.ts';

export { count, number, port };

export const endpoint = v.object({ address: v.string(), port });
export const pair = { local: endpoint, remote: endpoint };
export const onOff = v.picklist(['on', 'off']);

/** A socket of the peer: 0 is its listener, the others are numbered as they appear. */
export const socket = count;

/** An address to bind, and the options that decide whether bind succeeds. */
export const binding = {
  host: v.string(),
  port,
  reuseAddress: onOff,
  reusePort: v.optional(onOff, 'off'),
  /** IPV6_V6ONLY (default: the system default). */
  v6Only: v.optional(onOff),
};

/** In the units of native/options.ts. */
export const options = v.record(v.picklist(socketOptionNames), number);

export const conduct = v.optional(
  v.picklist(['idle', 'reads', 'echoes', 'leaks'] satisfies readonly Conduct[]),
  'idle',
);

/** How each of many short connections ends. */
export const shortConnections = {
  closer: v.picklist(['server', 'client']),
  linger: v.union([v.literal('off'), count]),
};
