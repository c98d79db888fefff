import { formatEndpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { type Harmless, harmless } from '../foreign.ts';
import { commandLineOf } from '../observe/processes.ts';
import type { Holder, Row } from '../observe/row.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { UnixListener } from './listening.ts';
import { shortCommand } from './naming.ts';
import { inOrderOfOpening, type Sighting, sightingOf } from './opening.ts';
import { unixPath } from './target.ts';
import { type Debuggers, type Purpose, purposeOfPath } from './tools.ts';

/** Another listener of the command. */
export interface OtherListener {
  /** A port, or the path of a Unix socket. */
  readonly place: number | string;
  readonly shown: Harmless;
  readonly processes: readonly Holder[];
  readonly purpose: Purpose;
  readonly sighting: Sighting;
}

/** Chooses the server's listener from all that the command has opened. */
export type Choice =
  | { readonly state: 'none'; readonly others: readonly OtherListener[] }
  | { readonly state: 'tcp'; readonly rows: readonly Row[]; readonly others: readonly OtherListener[] }
  | { readonly state: 'unix'; readonly socket: UnixListener; readonly others: readonly OtherListener[] }
  | { readonly state: 'several'; readonly candidates: readonly OtherListener[] };

/**
 * A TCP listener takes precedence over a Unix one. Listeners that tools open for themselves do not count.
 * @param calls the command's own calls, which show the order of its listeners; empty if they are not watched
 */
export async function choose(
  tcp: readonly Row[],
  unix: readonly UnixListener[],
  calls: readonly Call[],
  debuggers: Debuggers,
): Promise<Choice> {
  const ports = [...new Set(tcp.map(({ local }) => local.port))].sort((a, b) => a - b);
  const ask = ports.length > 1 ? 'always' : 'if opened';
  const rows = await Promise.all(
    inOrderOfOpening(tcp, calls).map(async (row) => ({ row, purpose: await debuggers.purposeOf(row, ask) })),
  );
  const sockets = inOrderOfOpening(unix, calls).map((socket) => ({ socket, purpose: purposeOfPath(socket) }));
  const all = [
    ...uniquePorts(rows.map(({ row, purpose }) => otherPort(row, purpose, calls))),
    ...sockets.map(({ socket, purpose }) => otherPath(socket, purpose, calls)),
  ];
  const but = (place: number | string) => all.filter((other) => other.place !== place);
  const several = (kind: 'number' | 'string'): Choice => ({
    state: 'several',
    candidates: all.filter(({ place, purpose }) => typeof place === kind && purpose.of === 'server'),
  });
  const servers = rows.flatMap(({ row, purpose }) => (purpose.of === 'server' ? [row] : []));
  const [first] = servers;
  if (first !== undefined) {
    const { port } = first.local;
    if (servers.every(({ local }) => local.port === port))
      return { state: 'tcp', rows: servers, others: but(port) };
    return several('number');
  }
  const paths = sockets.flatMap(({ socket, purpose }) => (purpose.of === 'server' ? [socket] : []));
  const [path] = paths;
  if (path === undefined) return { state: 'none', others: all };
  if (paths.every(({ name }) => name.equals(path.name)))
    return { state: 'unix', socket: path, others: but(unixPath(path.name)) };
  return several('string');
}

/** @returns TcpcloseError `several-ports`, which asks the user to choose one */
export function whichOne(candidates: readonly OtherListener[]): TcpcloseError {
  const list = candidates.map((candidate) => `${candidate.shown}${whose(candidate)}`).join(', ');
  const example = candidates[0]?.place ?? '';
  const how = typeof example === 'number' ? `--port ${example}` : `--socket ${harmless(example)}`;
  return new TcpcloseError('several-ports', `the command listens on ${list}: choose one, such as ${how}`);
}

/**
 * @param calls the command's own calls
 * @returns TcpcloseError `other-port`, with the ports that the command opened
 */
export function listensElsewhere(port: number, rows: readonly Row[], calls: readonly Call[]): TcpcloseError {
  const own = inOrderOfOpening(rows, calls).map((row) => otherPort(row, { of: 'server' }, calls));
  const all = uniquePorts(own);
  const list = all.map((one) => `${one.shown}${whose(one)}`).join(', ');
  return new TcpcloseError(
    'other-port',
    `the command does not listen on port ${port}, but on ${list}: give --port ${all.map(({ place }) => place).join(' or --port ')}`,
  );
}

// If several processes hold it, name the one that opened it.
function whose({ processes, sighting }: OtherListener): string {
  const opener = sighting.seenBy === 'calls' ? sighting.openedBy.pid : undefined;
  const holder = processes.find(({ pid }) => pid === opener) ?? processes[0];
  if (holder === undefined) return '';
  return ` (pid ${holder.pid}: ${shortCommand(commandLineOf(holder.pid), holder.name)})`;
}

function otherPort(
  { local, processes, inode }: Row,
  purpose: Purpose,
  calls: readonly Call[],
): OtherListener {
  const shown = harmless(formatEndpoint(local));
  return { place: local.port, shown, processes, purpose, sighting: sightingOf([inode], calls) };
}

function otherPath(
  { name, processes, inode }: UnixListener,
  purpose: Purpose,
  calls: readonly Call[],
): OtherListener {
  const path = unixPath(name);
  return { place: path, shown: path, processes, purpose, sighting: sightingOf([inode], calls) };
}

function uniquePorts(all: readonly OtherListener[]): OtherListener[] {
  return [...new Map(all.map((other) => [other.place, other])).values()];
}
