import { type ChildProcess, spawn } from 'node:child_process';
import { attachFilter, detachFilter } from '../../native/filter.ts';
import { raiseInterface } from '../../native/interface.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { connection, descriptor } from '../sockets.ts';

export async function deaf({ socket, to }: ParsedParams<'deaf'>): Promise<Result<'deaf'>> {
  const fd = descriptor(socket);
  if (to === 'nothing') detachFilter(fd);
  else attachFilter(fd, to);
  return {};
}

/** By pid: processes that hold a connection besides this one. */
const sharers = new Map<number, ChildProcess>();

/** The other process does nothing but hold the descriptor, until it is told to end, or this one ends. */
export async function share({ socket }: ParsedParams<'share'>): Promise<Result<'share'>> {
  const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore', connection(socket)] });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const pid = child.pid ?? 0;
  sharers.set(pid, child);
  return { pid };
}

export async function unshare({ pid }: ParsedParams<'unshare'>): Promise<Result<'unshare'>> {
  const child = sharers.get(pid);
  if (child === undefined) throw new Error(`this peer shares nothing with process ${pid}`);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await ended;
  sharers.delete(pid);
  return {};
}

export async function destroySocket({
  local,
  remote,
}: ParsedParams<'destroySocket'>): Promise<Result<'destroySocket'>> {
  const diag = new SockDiag();
  try {
    const found = diag.find(local, remote);
    if (found !== undefined) diag.destroy(found);
    return { destroyed: found !== undefined };
  } finally {
    diag.close();
  }
}

export async function raiseLoopback(): Promise<Result<'raiseLoopback'>> {
  raiseInterface('lo');
  return {};
}
