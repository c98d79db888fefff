/**
 * Loaded by `NODE_OPTIONS=--require` into each Node below a command of `run` if the kernel does not allow calls to be watched. It reports
 * each bind(2) and listen(2) that failed, and then waits until the port has been looked up. It wraps the functions of Node's handles, not
 * those of `net`: errors are created above them, so no stack shows this file. Nothing here may throw, print, or keep Node running.
 */
import fs from 'node:fs';
import { isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { channelVariable, lookLimitMs, type Report, slotSize } from './report.ts';

// Copied now, because a test may replace them with its own functions.
const { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, writeSync } = fs;
const clock = process.hrtime.bigint;
const { wait } = Atomics;

interface Handle {
  readonly fd?: number;
  getsockname?(into: { port?: number }): number;
}

type Call = (this: Handle, ...args: unknown[]) => number;

const retryMs = 100n;
const nsPerMs = 1_000_000n;
const [process_ = '', pipe = '', pipeInode = '', looked = ''] = (process.env[channelVariable] ?? '').split(
  ':',
);
const places = new WeakMap<Handle, { readonly address: string; readonly port: number | null }>();
let count = 0;
let lastWildcard = { port: -1, at: 0n };

if (process_ !== '') {
  wrap('tcp_wrap', 'TCP', 'stream');
  wrap('pipe_wrap', 'Pipe', 'stream');
  wrap('udp_wrap', 'UDP', 'datagram');
}

function wrap(binding: string, name: string, type: Report['type']): void {
  const prototype = handleOf(binding, name);
  if (prototype === undefined) return;
  for (const call of ['bind', 'bind6', 'listen']) {
    const original = prototype[call];
    if (typeof original !== 'function') continue;
    prototype[call] = function (this: Handle, ...args: unknown[]) {
      const result = original.apply(this, args);
      try {
        notice(this, call === 'listen' ? 'listen' : 'bind', type, args, result);
      } catch {}
      return result;
    };
  }
}

// This is the only access to the handles. The warning about it is meant for the author of a program.
function handleOf(binding: string, name: string): Record<string, Call> | undefined {
  const noDeprecation = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  try {
    Object.defineProperty(process, 'noDeprecation', { value: true, configurable: true, writable: true });
    const open = process as unknown as { binding(name: string): Record<string, { prototype: object }> };
    return open.binding(binding)[name]?.prototype as Record<string, Call> | undefined;
  } catch {
    return undefined;
  } finally {
    if (noDeprecation === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else Object.defineProperty(process, 'noDeprecation', noDeprecation);
  }
}

function notice(
  handle: Handle,
  called: Report['call'],
  type: Report['type'],
  args: readonly unknown[],
  result: number,
) {
  const [address, port] = args;
  if (called === 'bind')
    places.set(handle, { address: String(address), port: typeof port === 'number' ? port : null });
  const place = places.get(handle);
  if (result >= 0 || place === undefined || isSecondAttempt(place)) return;
  const isPath = isIP(place.address.replace(/%.*/, '')) === 0;
  const report: Omit<Report, 'id' | 'pid'> = {
    // libuv keeps the EADDRINUSE of a bind(2) until the listen(2): the socket then still has no port.
    call: called === 'listen' && !isPath && portOf(handle) !== 0 ? 'listen' : 'bind',
    fd: handle.fd ?? -1,
    type,
    address: isPath ? null : place.address,
    port: isPath ? null : place.port,
    path: isPath ? place.address : null,
    result: getSystemErrorName(result),
  };
  send(report);
  if (place.address === '::') lastWildcard = { port: place.port ?? -1, at: clock() };
}

// Node tries 0.0.0.0 when :: fails: both together are one failure.
function isSecondAttempt({ address, port }: { readonly address: string; readonly port: number | null }) {
  return address === '0.0.0.0' && port === lastWildcard.port && clock() - lastWildcard.at < retryMs * nsPerMs;
}

function portOf(handle: Handle): number {
  const name: { port?: number } = {};
  handle.getsockname?.(name);
  return name.port ?? 0;
}

function send(report: Omit<Report, 'id' | 'pid'>): void {
  // The pid as /proc shows it, perhaps of another pid namespace.
  const pid = Number(readlinkSync('/proc/self'));
  const id = `${pid}.${++count}.${clock()}`;
  const path = `/proc/${process_}/fd/${pipe}`;
  // Another process may have that number by now.
  if (readlinkSync(path) !== `pipe:[${pipeInode}]`) return;
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFIFO() || String(stat.ino) !== pipeInode) return;
    writeSync(fd, `${JSON.stringify({ ...report, id, pid })}\n`);
  } finally {
    closeSync(fd);
  }
  waitFor(id);
}

function waitFor(id: string): void {
  const path = `/proc/${process_}/fd/${looked}`;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const until = clock() + BigInt(lookLimitMs) * nsPerMs;
  const slot = id.padEnd(slotSize);
  while (clock() < until && !readFileSync(path, 'latin1').includes(slot)) wait(pause, 0, 0, 1);
}
