/**
 * The only place that signals processes. kill(2) interprets 0, -1 and all other negative numbers as groups of processes, and Node keeps 0
 * in the handle of a child that could not be started. So a number is only used if it names one process.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { TcpcloseError } from '../errors.ts';
import { systemCall } from './call.ts';
import { SystemCallError } from './errno.ts';
import { libc, SYS_pidfd_open } from './libc.ts';
import { waitForInput } from './poll.ts';
import { closeDescriptor } from './socket.ts';

/** The part of a child that shows whether it runs. */
export type Child = Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode'>;

/** `gone`: it has ended and been reaped; `not permitted`: it runs as another user. */
export type Delivery = 'sent' | 'gone' | 'not permitted';

/**
 * Signals a process that is known to be a descendant of this one. Pid 1 never is: it is the init of its pid namespace.
 * @throws TcpcloseError `bad-pid` for a number that is not the pid of one process
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): Delivery {
  if (!namesOneProcess(pid)) {
    throw new TcpcloseError('bad-pid', `${signal} is not sent: ${pid} is not the pid of a started process`);
  }
  return deliver(() => process.kill(pid, signal));
}

/** Signals a child of this process, if it was started and has not been reaped: until then its pid is not reused. */
export function signalChild(child: ChildProcess, signal: NodeJS.Signals): Delivery {
  const { pid } = child;
  return pid !== undefined && isUnreaped(child) ? sendSignal(pid, signal) : 'gone';
}

/**
 * Signals a child that was started in its own session (`detached`), and its whole process group, which may outlive it. While the group
 * exists, no new process gets its number. Once the child is reaped, its pid may belong to another process.
 */
export function signalGroup(child: Child, signal: NodeJS.Signals): Delivery {
  const { pid } = child;
  if (pid === undefined || !namesOneProcess(pid)) return 'gone';
  if (!isUnreaped(child) && existsSync(`/proc/${pid}`)) return 'gone';
  return deliver(() => process.kill(-pid, signal));
}

/**
 * Turns each `kill()` of a child that was started in its own session, such as that of execa's time-out, into SIGKILL for its whole group.
 * Resolves at the first one, whether or not it could be sent.
 */
export function whenGroupIsKilled(child: Child & { kill: () => boolean }): Promise<void> {
  return new Promise((resolve) => {
    child.kill = () => {
      resolve();
      return signalGroup(child, 'SIGKILL') === 'sent';
    };
  });
}

// The same on every architecture (asm-generic).
const SYS_pidfd_send_signal = 424;

const sendToDescriptor = systemCall<[typeof SYS_pidfd_send_signal, number, number, null, 0]>(
  'long syscall(long number, long pidfd, long signal, void *info, long flags)',
  'pidfd_send_signal',
);

/**
 * A process that is not a child of this one, held by a descriptor (pidfd_open(2), Linux 5.3). A signal reaches this process or none, even
 * if another process has its pid by then.
 */
export class HeldProcess {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * @param isMeant whether the process with that pid is the intended one; called once the descriptor is open
   * @returns null if it is gone, or if the pid belongs to another process
   * @throws TcpcloseError `bad-pid`, `no-pidfd`
   */
  static hold(pid: number, isMeant: () => boolean): HeldProcess | null {
    if (!namesOneProcess(pid) || pid === process.pid)
      throw new TcpcloseError('bad-pid', `pid ${pid} is not signalled: it is not another process`);
    const descriptor = openProcess(pid);
    if (descriptor === null) return null;
    if (isMeant()) return new HeldProcess(descriptor);
    closeDescriptor(descriptor);
    return null;
  }

  signal(signal: NodeJS.Signals): Delivery {
    const number = constants.signals[signal];
    return deliver(() => sendToDescriptor(SYS_pidfd_send_signal, this.#descriptor, number, null, 0));
  }

  /** Whether it has ended, even if its parent has not reaped it yet. */
  get hasEnded(): boolean {
    return waitForInput([this.#descriptor], 0).length > 0;
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }
}

function openProcess(pid: number): number | null {
  try {
    return libc.pidfd_open(SYS_pidfd_open, pid, 0);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    if (error.errno === 'ESRCH') return null;
    throw new TcpcloseError(
      'no-pidfd',
      `pid ${pid} cannot be signalled safely (pidfd_open: ${error.errno}): use Linux 5.3 or later, or send the signal yourself`,
      error,
    );
  }
}

/** Signals this process. */
export function signalSelf(signal: NodeJS.Signals): void {
  process.kill(process.pid, signal);
}

function namesOneProcess(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1;
}

function isUnreaped({ exitCode, signalCode }: Child): boolean {
  return exitCode === null && signalCode === null;
}

function deliver(send: () => void): Delivery {
  try {
    send();
    return 'sent';
  } catch (error) {
    const errno = error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code;
    if (errno === 'ESRCH') return 'gone';
    if (errno === 'EPERM') return 'not permitted';
    throw error;
  }
}
