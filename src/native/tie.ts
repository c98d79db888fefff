/**
 * A child that the kernel kills when this process ends, however it ends. The programs of tcpclose end with their standard input, but one
 * that hangs while Node starts does not read it yet. PR_SET_PDEATHSIG would have to be set in the child, before its execve(2).
 */
import type { ChildProcess } from 'node:child_process';
import { libc } from './libc.ts';
import { openPipe } from './pipe.ts';
import { closeDescriptor } from './socket.ts';

// <asm-generic/fcntl.h>
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;
const SIGKILL = 9;

/**
 * A pipe to which nothing is written. Only this process has its writing end. When that is closed, the kernel sends the chosen signal to the
 * owner of the reading end (fcntl(2), O_ASYNC). The child must inherit the reading end, which keeps the pipe while this process is ending.
 */
class Tie {
  readonly read: number;
  readonly #write: number;
  #state: 'open' | 'cut' = 'open';

  /** @throws SystemCallError */
  constructor() {
    const { read, write } = openPipe();
    this.read = read;
    this.#write = write;
  }

  /** From now on the child ends with this process, if both run as the same user. */
  bind(pid: number): void {
    libc.fcntl(this.read, F_SETSIG, SIGKILL);
    libc.fcntl(this.read, F_SETOWN, pid);
    libc.fcntl(this.read, F_SETFL, O_ASYNC);
  }

  /** From now on the child may outlive this process. */
  cut(): void {
    if (this.#state === 'cut') return;
    this.#state = 'cut';
    libc.fcntl(this.read, F_SETFL, 0);
    closeDescriptor(this.#write);
    closeDescriptor(this.read);
  }
}

/** A child, and how to let it outlive this process. */
export interface Tied {
  readonly child: ChildProcess;
  untie(): void;
}

/**
 * Starts a child that ends with this process, until it is untied or has ended. If no pipe can be opened, the child is started without one.
 * @param start starts the child, with these descriptors after its standard ones
 */
export function startTied(start: (inherit: readonly number[]) => ChildProcess): Tied {
  const tie = openTie();
  if (tie === undefined) return { child: start([]), untie: () => {} };
  const untie = () => tie.cut();
  try {
    const child = start([tie.read]).once('exit', untie).once('error', untie);
    if (child.pid !== undefined) tie.bind(child.pid);
    return { child, untie };
  } catch (error) {
    untie();
    throw error;
  }
}

function openTie(): Tie | undefined {
  try {
    return new Tie();
  } catch {
    return undefined;
  }
}
