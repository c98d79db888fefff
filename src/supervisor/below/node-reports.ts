import { fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import * as v from 'valibot';
import { harmless } from '../../foreign.ts';
import { lineSplitter } from '../../lines.ts';
import { monotonicMs } from '../../native/clock.ts';
import { SystemCallError } from '../../native/errno.ts';
import { openMemoryFile, openPipe } from '../../native/pipe.ts';
import { nodeHook } from '../../package.ts';
import { count } from '../../rpc/messages.ts';
import type { Call } from '../calls/call.ts';
import { callerOf } from '../calls/caller.ts';
import { readSocketOf, type SocketNow } from '../calls/socket.ts';
import { Tables } from '../calls/tables.ts';
import { type Witness, witnessesOf } from '../calls/witnesses.ts';
import { channelVariable, slotSize } from '../node-hook/report.ts';
import type { begin } from './messages.ts';

const report = v.object({
  id: v.pipe(v.string(), v.maxLength(slotSize - 1)),
  pid: count,
  call: v.picklist(['bind', 'listen']),
  fd: v.pipe(v.number(), v.integer()),
  type: v.picklist(['stream', 'datagram']),
  address: v.nullable(v.pipe(v.string(), v.ip())),
  port: v.nullable(count),
  path: v.nullable(v.string()),
  result: v.pipe(v.string(), v.regex(/^E[A-Z0-9]+$/)),
});

const slots = 256;

type Below = Pick<v.InferOutput<typeof begin>, 'command' | 'environment'>;

type Notify = (call: Call, witnesses: readonly Witness[]) => void;

/**
 * The failed calls of Node programs. The programs report them themselves if the kernel does not allow calls to be watched. A program opens
 * the pipe by /proc/<pid>/fd, so nothing is on a disk, and nothing remains, however this process ends.
 */
export class NodeReports {
  readonly #tables = new Tables();
  readonly #answers = openMemoryFile('tcpclose answers');
  readonly #pipe = openPipe();
  readonly #notify: Notify;
  #count = 0;
  #answered = 0;

  private constructor(notify: Notify) {
    this.#notify = notify;
    const split = lineSplitter((line) => this.#report(line));
    new Socket({ fd: this.#pipe.read, readable: true, writable: false })
      .setEncoding('utf8')
      .on('data', split)
      .on('error', () => {})
      .unref();
  }

  /** undefined if this machine refuses something necessary, or if a Node with limited file access could not start with it. */
  static begin({ command, environment }: Below, notify: Notify): NodeReports | undefined {
    const options = [...command, environment['NODE_OPTIONS'] ?? ''].join(' ');
    if (/--(?:experimental-)?permission\b/.test(options)) return undefined;
    try {
      return new NodeReports(notify);
    } catch (error) {
      if (error instanceof SystemCallError) return undefined;
      throw error;
    }
  }

  /** The environment of a command whose Node programs report. */
  environment(own: Readonly<Record<string, string>>): Record<string, string> {
    const { write } = this.#pipe;
    const load = `--require "${nodeHook.replaceAll(/["\\]/g, '\\$&')}"`;
    const options = own['NODE_OPTIONS'] ?? '';
    const all = options.includes(load) ? options : `${options} ${load}`.trim();
    const channel = [process.pid, write, fstatSync(write).ino, this.#answers].join(':');
    return { ...own, NODE_OPTIONS: all, [channelVariable]: channel };
  }

  // Whatever a program writes, and whatever fails here, this process continues.
  #report(line: string): void {
    try {
      const heard = v.parse(report, JSON.parse(line));
      try {
        this.#look(heard);
      } finally {
        const slot = Buffer.from(heard.id.padEnd(slotSize), 'latin1');
        writeSync(this.#answers, slot, 0, slotSize, (this.#answered++ % slots) * slotSize);
      }
    } catch {}
  }

  #look({ pid, call, fd, type, address, port, path, result }: v.InferOutput<typeof report>): void {
    const caller = callerOf(pid);
    if (caller === undefined) return;
    const socket = socketOf(pid, fd);
    const isLookedUp = result === 'EADDRINUSE' && type === 'stream' && port && caller.network === 'same';
    const inTheWay = isLookedUp ? this.#tables.socketsOn(port) : [];
    const reported: Call = {
      ...{ number: ++this.#count, call, pid, program: harmless(caller.program), fd, type, address, port },
      family: path !== null ? 'Unix' : address?.includes(':') ? 'IPv6' : 'IPv4',
      path: path === null ? null : harmless(path),
      options: socket?.options ?? null,
      inode: socket?.inode ?? null,
      network: caller.network,
      at: monotonicMs(),
      ...{ result, seen: 'afterwards', inTheWay },
    };
    this.#notify(reported, witnessesOf(pid, inTheWay));
  }
}

// The program waits, so its socket still exists.
function socketOf(pid: number, fd: number): SocketNow | undefined {
  if (fd < 0) return undefined;
  try {
    const socket = readSocketOf(pid, fd);
    return socket === 'none of ours' ? undefined : socket;
  } catch {
    return undefined;
  }
}
