import { formatEndpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { type Harmless, harmless } from '../foreign.ts';
import { commandLineOf } from '../observe/processes.ts';
import type { Holder, Row } from '../observe/row.ts';
import type { UnixListener } from './listening.ts';
import { shortCommand } from './naming.ts';
import { unixPath } from './target.ts';
import { type Debuggers, type Purpose, purposeOfPath } from './tools.ts';

/** A listener of the command that is not the one that is tried. */
export interface OtherListener {
  /** A port, or the path of a Unix socket. */
  readonly place: number | string;
  readonly shown: Harmless;
  readonly processes: readonly Holder[];
  readonly purpose: Purpose;
}

/** The listener that is the server's, out of all that the command has opened. */
export type Choice =
  | { readonly state: 'none'; readonly others: readonly OtherListener[] }
  | { readonly state: 'tcp'; readonly rows: readonly Row[]; readonly others: readonly OtherListener[] }
  | { readonly state: 'unix'; readonly socket: UnixListener; readonly others: readonly OtherListener[] }
  | { readonly state: 'several'; readonly candidates: readonly OtherListener[] };

/** A TCP listener goes before a Unix one, and what a tool has opened for itself is none. */
export async function choose(
  tcp: readonly Row[],
  unix: readonly UnixListener[],
  debuggers: Debuggers,
): Promise<Choice> {
  const ports = [...new Set(tcp.map(({ local }) => local.port))].sort((a, b) => a - b);
  const ask = ports.length > 1 ? 'always' : 'if told';
  const rows = await Promise.all(
    tcp.map(async (row) => ({ row, purpose: await debuggers.purposeOf(row, ask) })),
  );
  const sockets = unix.map((socket) => ({ socket, purpose: purposeOfPath(socket) }));
  const all = [
    ...uniquePorts(rows.map(({ row, purpose }) => otherPort(row, purpose))),
    ...sockets.map(({ socket, purpose }) => otherPath(socket, purpose)),
  ];
  const but = (place: number | string) => all.filter((other) => other.place !== place);
  const servers = rows.flatMap(({ row, purpose }) => (purpose.of === 'server' ? [row] : []));
  const [first] = servers;
  if (first !== undefined) {
    const { port } = first.local;
    if (servers.every(({ local }) => local.port === port))
      return { state: 'tcp', rows: servers, others: but(port) };
    return {
      state: 'several',
      candidates: all.filter(({ place, purpose }) => typeof place === 'number' && purpose.of === 'server'),
    };
  }
  const paths = sockets.flatMap(({ socket, purpose }) => (purpose.of === 'server' ? [socket] : []));
  const [path] = paths;
  if (path === undefined) return { state: 'none', others: all };
  if (paths.every(({ name }) => name.equals(path.name)))
    return { state: 'unix', socket: path, others: but(unixPath(path.name)) };
  return {
    state: 'several',
    candidates: all.filter(({ place, purpose }) => typeof place === 'string' && purpose.of === 'server'),
  };
}

/** @returns TcpcloseError `several-ports`, a question with what there is to choose from */
export function whichOne(candidates: readonly OtherListener[]): TcpcloseError {
  const list = candidates.map(({ shown, processes }) => `${shown}${whose(processes)}`).join(', ');
  const example = candidates[0]?.place ?? '';
  const how = typeof example === 'number' ? `--port ${example}` : `--socket ${harmless(example)}`;
  return new TcpcloseError('several-ports', `the command listens on ${list}: choose one, such as ${how}`);
}

/** @returns TcpcloseError `other-port`, with the ports that the command did open */
export function listensElsewhere(port: number, rows: readonly Row[]): TcpcloseError {
  const all = uniquePorts(rows.map((row) => otherPort(row, { of: 'server' })));
  const list = all.map(({ shown, processes }) => `${shown}${whose(processes)}`).join(', ');
  return new TcpcloseError(
    'other-port',
    `the command does not listen on port ${port}, but on ${list}: give --port ${all.map(({ place }) => place).join(' or --port ')}`,
  );
}

function whose([holder]: readonly Holder[]): string {
  if (holder === undefined) return '';
  return ` (pid ${holder.pid}: ${shortCommand(commandLineOf(holder.pid), holder.name)})`;
}

function otherPort({ local, processes }: Row, purpose: Purpose): OtherListener {
  return { place: local.port, shown: harmless(formatEndpoint(local)), processes, purpose };
}

function otherPath({ name, processes }: UnixListener, purpose: Purpose): OtherListener {
  const path = unixPath(name);
  return { place: path, shown: path, processes, purpose };
}

function uniquePorts(all: readonly OtherListener[]): OtherListener[] {
  return [...new Map(all.map((other) => [other.place, other])).values()];
}
