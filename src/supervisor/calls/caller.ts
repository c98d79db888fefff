import { basename } from 'node:path';
import type { FileUser } from '../../native/as-user.ts';
import { executableOf, sessionOf } from '../../observe/proc/status.ts';
import { networkOf, textOf } from '../../proc-files.ts';
import { timesRun } from './left-call.ts';

/** The thread that makes a call. */
export interface Caller {
  readonly thread: number;
  /** How often it had got a CPU before it waited in the call; undefined if unknown. */
  readonly timesRun: number | undefined;
  /** Its process. */
  readonly pid: number;
  /** The number of the session that the process is in. */
  readonly session: number;
  readonly program: string;
  readonly network: 'same' | 'other';
  /** Whether our own bind(2) has the same privileges as theirs. */
  readonly rights: 'same' | 'other';
  /** The user and groups that decide its rights over files. */
  readonly user: FileUser;
}

// Our own values, read once: nothing changes them.
let own: { readonly status: string; readonly network: string | undefined } | undefined;

/** undefined if the thread has ended. */
export function callerOf(thread: number): Caller | undefined {
  const status = textOf(`/proc/${thread}/status`);
  const pid = Number(field(status, 'Tgid'));
  if (!(pid > 0)) return undefined;
  own ??= { status: textOf('/proc/thread-self/status'), network: networkOf('self') };
  const ours = own;
  const same = ['Uid', 'CapEff'].every((name) => field(status, name) === field(ours.status, name));
  return {
    thread,
    timesRun: timesRun(thread),
    pid,
    session: sessionOf(pid),
    program: programOf(pid) ?? field(status, 'Name') ?? '',
    network: networkOf(thread) === ours.network ? 'same' : 'other',
    rights: same ? 'same' : 'other',
    user: { uid: fileIdOf(status, 'Uid'), gid: fileIdOf(status, 'Gid') },
  };
}

// The real, the effective, the saved and the file system's id (proc_pid_status(5)).
function fileIdOf(status: string, name: string): number {
  return Number(field(status, name)?.split(/\s+/)[3]);
}

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
}

function programOf(pid: number): string | undefined {
  const path = executableOf(pid);
  return path === undefined ? undefined : basename(path.replace(/ \(deleted\)$/, ''));
}
