import { readFile } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import type { Output, Place } from '../../observe/place.ts';
import { peerProgram } from '../../package.ts';
import { isShortage } from '../../system-error.ts';
import { runProgram } from './run-program.ts';

/** The machine of a host, as Node reports it there. */
export interface System {
  readonly kernel: string;
  readonly arch: string;
  readonly node: string;
  /** The effective user id. */
  readonly user: number;
}

/** How a peer is started. */
export interface PeerStart {
  readonly command: readonly string[];
  /** What is written to its standard input before anything else. */
  readonly input: Buffer | undefined;
}

/** Where programs run: this machine, or the place that the prefix enters. */
export class Host implements Place {
  readonly name: string;
  /** Comes before every command, such as `nsenter --net=...` or `ssh box`; empty for this machine. */
  readonly prefix: readonly string[];
  readonly procNet: string | undefined;
  constructor(name: string, prefix: readonly string[], procNet: string | undefined) {
    this.name = name;
    this.prefix = prefix;
    this.procNet = procNet;
  }

  /** Why nothing can run there any more; null while it can. */
  get gone(): TcpcloseError | null {
    return null;
  }

  /** The folder in which a peer is started: one that is never removed. */
  get folder(): string {
    return '/';
  }

  get system(): System {
    return {
      kernel: release(),
      arch: arch(),
      node: process.versions.node,
      user: process.geteuid?.() ?? -1,
    };
  }

  get peerStart(): PeerStart {
    return { command: [process.execPath, peerProgram], input: undefined };
  }

  /** The command as it is started on this machine. */
  wrap(command: readonly string[]): readonly [string, ...string[]] {
    const [program, ...args] = [...this.prefix, ...command];
    if (program === undefined) throw new TypeError('a command has at least one word');
    return [program, ...args];
  }

  run(command: readonly string[], signal?: AbortSignal): Promise<Output> {
    return runProgram(this.wrap(command), signal);
  }

  async read(path: string, signal?: AbortSignal): Promise<string | null> {
    const file = this.#fileHere(path);
    if (file !== undefined) return readIfThere(file);
    const { stdout, stderr, exitCode } = await this.run(['cat', path], signal);
    if (exitCode === 0) return stdout;
    if (/^cat: /m.test(stderr) || withoutProgram.includes(exitCode)) return null;
    const why = harmless(stderr.trim().split('\n').at(-1) || `status ${exitCode}`);
    throw new TcpcloseError(
      'cannot-read',
      `${path} cannot be read on ${this.name} (${why}): make sure that "${this.wrap(['cat', path]).join(' ')}" prints it`,
    );
  }

  // Only processes inside a network see its sysctls.
  #fileHere(path: string): string | undefined {
    if (this.procNet === undefined) return undefined;
    if (this.procNet !== ownNet && path.startsWith('/proc/sys/net/')) return undefined;
    return path.startsWith(`${ownNet}/`) ? `${this.procNet}${path.slice(ownNet.length)}` : path;
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw error;
    return null;
  }
}

const ownNet = '/proc/net';
/** The exit statuses of env(1), shells and docker if cat is missing. */
const withoutProgram = [126, 127];

export const thisMachine = new Host('this machine', [], ownNet);
