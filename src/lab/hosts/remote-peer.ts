/** A peer on a host that has Node but not tcpclose: the program arrives over its standard input. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TcpcloseError, UsageError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { nativePart } from '../../native/koffi.ts';
import { peerProgram } from '../../package.ts';
import type { Host, PeerStart, System } from './host.ts';
import { runProgram } from './run-program.ts';

/**
 * Reads koffi's native part and the peer's program from standard input, exactly as many bytes as its arguments say, and leaves the rest to
 * the program. The native part must be a file to be loaded, so it becomes a file without a name (open(2), O_TMPFILE), which cannot be left
 * behind.
 */
const bootstrap = `
const O_TMPFILE = 0o20200000;
const fs = require('fs'), os = require('os'), path = require('path'), Module = require('module');
const take = (size) => {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    try {
      const read = fs.readSync(0, bytes, at, size - at);
      if (read === 0) process.exit();
      at += read;
    } catch (error) {
      if (error.code === 'EOF') process.exit();
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return bytes;
};
const unnamed = () => {
  try {
    return fs.openSync(os.tmpdir(), O_TMPFILE | fs.constants.O_RDWR, 0o700);
  } catch {
    const name = path.join(os.tmpdir(), 'tcpclose-peer-' + process.pid);
    const file = fs.openSync(name, 'wx+', 0o700);
    fs.unlinkSync(name);
    return file;
  }
};
const [native, program] = process.argv.slice(-2).map((size) => take(Number(size)));
const loaded = { exports: {} };
const file = unnamed();
fs.writeFileSync(file, native);
process.dlopen(loaded, '/proc/self/fd/' + file);
fs.closeSync(file);
globalThis[Symbol.for('tcpclose.koffi')] = loaded.exports;
const peer = new Module('tcpclose-peer');
peer.filename = path.join(os.tmpdir(), 'tcpclose-peer.cjs');
peer._compile(program.toString(), peer.filename);
`;

/** Reported by Node there: its release, the machine and C library it was built for, the kernel, and the user. */
const question =
  "[process.versions.node,process.platform,process.arch,process.report.getReport().header.glibcVersionRuntime?'linux':'musl',require('os').release(),process.geteuid()].join(' ')";

/** How a peer starts there, and what the machine is. */
export interface SentPeer {
  readonly start: PeerStart;
  readonly system: System;
}

const oldestNode = 20;

/**
 * How a peer starts on a host that has only Node.
 * @throws UsageError `no-node` if Node is missing or too old there
 * @throws TcpcloseError `no-koffi` if koffi for the machine there is not installed here
 */
export async function sentPeer(host: Host, signal?: AbortSignal, withinMs?: number): Promise<SentPeer> {
  const { stdout, stderr } = await runProgram(host.wrap(['node', '-p', question]), signal, withinMs);
  const answer = /^((\d+)\.\S+) linux (\S+) (linux|musl) (\S+) (\d+)$/m.exec(stdout);
  if (answer === null || Number(answer[2]) < oldestNode) {
    const why = stdout.trim() || stderr.trim().split('\n').at(-1) || 'no answer';
    throw new UsageError(
      'no-node',
      `${host.name} has no Node ${oldestNode} or later on Linux (${why}): install it there, and let "node" be in PATH`,
    );
  }
  const [, node = '', , arch = '', libc = '', kernel = '', user = ''] = answer;
  const parts = [readNative(arch, libc, host), readFileSync(peerProgram)];
  const sizes = parts.map(({ length }) => String(length));
  return {
    start: { command: ['node', '-e', bootstrap, ...sizes], input: Buffer.concat(parts) },
    system: { kernel: harmless(kernel), arch, node: harmless(node), user: Number(user) },
  };
}

function readNative(arch: string, libc: string, { name }: Host): Buffer {
  const part = nativePart(arch);
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(part));
    return readFileSync(join(folder, `${libc}_${arch}`, 'koffi.node'));
  } catch (error) {
    throw new TcpcloseError(
      'no-koffi',
      `${name} is a ${arch} machine, and ${part} is not installed here: "npm install --force ${part}"`,
      error,
    );
  }
}
