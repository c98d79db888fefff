/** How a restart comes out when it is simply made: no part of tcpclose has a hand in it. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind, Room } from './kinds/kind.ts';

export interface Way {
  readonly signal: 'SIGTERM' | 'SIGKILL';
  readonly clients: 'stay' | 'close';
}

const patienceMs = 40_000;
const stopPatienceMs = 10_000;
const closeDelayMs = 500;

/** Starts it, connects, stops it, starts it again, and looks whether the second one comes to answer. */
export async function restartByHand(
  kind: Kind,
  room: Room,
  way: Way,
  user: 'this one' | 'nobody',
): Promise<'survives' | 'fails'> {
  const started = new Set<number>();
  const there = () => below(started, room.folder);
  const start = () => {
    const [program = '', ...args] = kind.command(room);
    const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
    const env = { ...process.env, PATH: path };
    const child = spawn(program, args, {
      cwd: room.folder,
      env,
      detached: true,
      ...(user === 'nobody' ? { uid: 65534, gid: 65534 } : {}),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    if (child.pid !== undefined) started.add(child.pid);
    return child;
  };
  let client: Socket | undefined;
  try {
    const first = start();
    const listens = () => there().some((pid) => listensThere(pid, kind, room));
    await until(patienceMs, 'it listens', async () => listens());
    client = await untilConnected(kind, room);
    await sleep(100);
    const pid = kind.pidFile === undefined ? first.pid : Number(readFileSync(kind.pidFile(room), 'utf8'));
    if (pid === undefined || !(pid > 1)) throw new Error('it was not started');
    process.kill(pid, way.signal);
    const closing = way.clients === 'close' ? setTimeout(() => client?.end(), closeDelayMs) : undefined;
    const hasStopped = await within(stopPatienceMs, () => !isAlive(pid));
    clearTimeout(closing);
    if (way.clients === 'close') client.end();
    if (!hasStopped) return 'fails';
    const old = new Set(there());
    const second = start();
    const ended = () => second.exitCode !== null || second.signalCode !== null;
    const isUp = () =>
      there().some((pid) => !old.has(pid) && listensThere(pid, kind, room)) &&
      (kind.pidFile !== undefined || !ended());
    const hasFailed = () => ended() && (second.exitCode !== 0 || kind.pidFile === undefined);
    const up = await within(patienceMs, () => isUp() || hasFailed());
    if (!up || !isUp()) return 'fails';
    const again = await untilConnected(kind, room).catch(() => undefined);
    if (again !== undefined) drop(again);
    await sleep(300);
    return again !== undefined && (isUp() || kind.request === undefined) ? 'survives' : 'fails';
  } finally {
    if (client !== undefined) drop(client);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const pid of there()) tryToKill(pid, signal);
      await within(signal === 'SIGTERM' ? 300 : 5000, () => there().length === 0);
    }
  }
}

async function untilConnected(kind: Kind, room: Room): Promise<Socket> {
  const name = kind.path?.(room);
  const place =
    name === undefined ? { port: room.port, host: '127.0.0.1' } : { path: name.replace(/^@/, '\0') };
  const socket = connect(place);
  socket.on('error', () => {}).resume();
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  if (kind.request === undefined) return socket;
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write(kind.request.replaceAll('\\r\\n', '\r\n'));
  await Promise.race([answered, sleep(10_000).then(() => Promise.reject(new Error('no answer')))]);
  return socket;
}

// A Unix socket has no RST.
function drop(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

// Whoever is in the session of a start, or works in its folder, and all below them: some programs overwrite their
// environment, some go into the background, and their workers have other names.
function below(sessions: Set<number>, folder: string): number[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .flatMap((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === undefined || 'ZX'.includes(state) || stat === ''
        ? []
        : [{ pid, parent: Number(parent), session: Number(session) }];
    });
  const found = new Set(
    all
      .filter(({ pid, session }) => sessions.has(session) || read(`/proc/${pid}/cmdline`).includes(folder))
      .map(({ pid }) => pid),
  );
  found.delete(process.pid);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  // Of a session of its own that somebody below has begun, the others are found when their parents have ended, too.
  for (const { pid, session } of all) if (pid === session && found.has(pid)) sessions.add(pid);
  return [...found];
}

function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function listensThere(pid: number, kind: Kind, room: Room): boolean {
  const inodes = new Set(listenersOf(kind.path?.(room) ?? room.port));
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false;
  }
}

function listenersOf(place: number | string): string[] {
  if (typeof place === 'string') {
    const lines = read('/proc/net/unix').split('\n');
    return lines.flatMap((line) => {
      const [, , , flags, , , inode = '', path] = line.trim().split(/\s+/);
      return flags === '00010000' && path?.replace(/@+$/, '') === place ? [inode] : [];
    });
  }
  const port = place.toString(16).toUpperCase().padStart(4, '0');
  return ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/net/${table}`)
      .split('\n')
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        return fields[1]?.endsWith(`:${port}`) && fields[3] === '0A' ? [fields[9] ?? ''] : [];
      }),
  );
}

async function until(ms: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) if (await holds()) return;
  throw new Error(`waited in vain: ${what}`);
}

async function within(ms: number, holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(5)) if (holds()) return true;
  return false;
}

function tryToKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
