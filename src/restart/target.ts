import { isIPv6 } from 'node:net';
import { type Endpoint, isWildcard } from '../address.ts';
import { type Harmless, harmless } from '../foreign.ts';
import type { Row } from '../observe/row.ts';
import type { SocketFile } from './socket-file.ts';
import type { Observation } from './trial.ts';

/** Where a server is reached. */
export type Target = TcpTarget | UnixTarget;

export interface TcpTarget {
  readonly kind: 'tcp';
  readonly port: number;
  readonly listeners: readonly Row[];
}

export interface UnixTarget {
  readonly kind: 'unix';
  /** sun_path for display; an abstract name begins with @. */
  readonly path: Harmless;
  readonly name: Buffer;
  /** The inode of the listening socket, as /proc/<pid>/fd shows it. */
  readonly inode: number;
  /** The processes that listen. */
  readonly pids: readonly number[];
  /** null for an abstract name, which has no file. */
  readonly file: SocketFile | null;
}

/** A name as ss(8) shows it: @ for the NUL at the beginning of an abstract name, and without the padding. */
export function unixPath(name: Buffer): Harmless {
  const text = name.toString('utf8');
  return harmless(text.startsWith('\0') ? `@${text.slice(1).replace(/\0{1,107}$/, '')}` : text);
}

export function inodesOf(target: Target): (number | null)[] {
  return target.kind === 'unix' ? [target.inode] : target.listeners.map(({ inode }) => inode);
}

/** The processes that listen. */
export function pidsOf(target: Target): readonly number[] {
  if (target.kind === 'unix') return target.pids;
  return target.listeners.flatMap(({ processes }) => processes.map(({ pid }) => pid));
}

/** The same as an observation. */
export function whereOf(target: Target): Observation['target'] {
  return target.kind === 'unix' ? { path: target.path } : addressOf(target);
}

export function addressOf({ port, listeners }: TcpTarget): Endpoint {
  return { address: listeners[0]?.local.address ?? '0.0.0.0', port };
}

/** An address that reaches a listener from here. */
export function reachable({ address }: { readonly address: string }): string {
  if (!isWildcard(address)) return address;
  return isIPv6(address) ? '::1' : '127.0.0.1';
}

export function describeTarget(target: Target): string {
  return target.kind === 'unix' ? target.path : `port ${target.port}`;
}
