import type { ChildProcess } from 'node:child_process';
import * as v from 'valibot';
import { attachFilter, deafnesses, detachFilter } from '../../native/filter.ts';
import { method } from '../../rpc/method.ts';
import { count, socket } from '../schemas.ts';
import { descriptor } from '../sockets.ts';

/** Drops arriving segments of this kind at the socket from now on; `nothing` stops that. */
export const deaf = method({
  params: v.object({ socket, to: v.picklist([...deafnesses, 'nothing']) }),
  run({ socket, to }) {
    const fd = descriptor(socket);
    if (to === 'nothing') detachFilter(fd);
    else attachFilter(fd, to);
  },
});

/** Other processes that also hold a socket of this peer, by pid. */
const sharers = new Map<number, ChildProcess>();

/** Starts a process that also holds the connection or the listener, and does nothing else until `unshare`, or until this process ends. */
export const share = method({
  params: v.object({ socket }),
  async run({ socket }) {
    // Loading it takes 3 ms, which all other peers save.
    const { spawn } = await import('node:child_process');
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore', descriptor(socket)] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    const pid = child.pid ?? 0;
    sharers.set(pid, child);
    return { pid };
  },
});

export const unshare = method({
  params: v.object({ pid: count }),
  async run({ pid }) {
    const child = sharers.get(pid);
    if (child === undefined) throw new Error(`this peer shares nothing with process ${pid}`);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
    sharers.delete(pid);
  },
});
