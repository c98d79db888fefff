/**
 * Seccomp user notification (seccomp_unotify(2)): chosen system calls of a thread, and of everything it starts from then on, wait until a
 * supervisor lets them continue. It needs no root, and works for static programs too. Only the calling thread gets the filter; what it
 * starts inherits it over fork(2) and execve(2), and nothing can remove it.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { textOf } from '../proc-files.ts';
import { SystemCallError } from './errno.ts';
import { filterProgram, type Instruction, JUMP_IF_EQUAL, LOAD_WORD, RETURN } from './filter.ts';
import { libc } from './libc.ts';

/** The numbers of <asm/unistd.h>, and AUDIT_ARCH of <linux/audit.h>, by which the filter recognises 32-bit programs. */
const architectures = {
  x64: {
    audit: 0xc000_003e,
    seccomp: 317,
    calls: { bind: 49, listen: 50, execve: 59, execveat: 322, connect: 42, accept: 43, accept4: 288 },
  },
  arm64: {
    audit: 0xc000_00b7,
    seccomp: 277,
    calls: { bind: 200, listen: 201, execve: 221, execveat: 281, connect: 203, accept: 202, accept4: 242 },
  },
} as const;

export type WatchableCall = keyof (typeof architectures)['x64']['calls'];

const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
// Without SPEC_ALLOW older kernels slow the program down by mitigations that it would not have otherwise.
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
// Only a fatal signal interrupts a call that the supervisor has received (Linux 5.19).
const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
const SECCOMP_RET_ALLOW = 0x7fff_0000;

const numberAt = 0;
const architectureAt = 4;

const CAP_SYS_PTRACE = 19n;
const CAP_SYS_ADMIN = 21n;

/** Why no user can watch calls on this machine; null if it can be tried. */
export function whyNotWatchable(): string | null {
  const here = architecture();
  if (here === undefined) return `the system call numbers of ${process.arch} are not known`;
  const action = Buffer.alloc(4);
  action.writeUInt32LE(SECCOMP_RET_USER_NOTIF);
  if (libc.seccomp.unchecked(here.seccomp, SECCOMP_GET_ACTION_AVAIL, 0, action) !== 0) {
    return 'this kernel or this container has no seccomp user notification';
  }
  // SECCOMP_USER_NOTIF_FLAG_CONTINUE, which can only be tried on a waiting call.
  return kernelIsAtLeast(5, 5)
    ? null
    : 'this kernel cannot continue a watched call: that came with Linux 5.5';
}

/** Whether a filter would cost this thread the right to gain privileges by execve(2): not with CAP_SYS_ADMIN, or if it is already lost. */
export function filterCostsPrivileges(): boolean {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  if (/^NoNewPrivs:\s+1$/m.test(status)) return false;
  return !hasCapability(status, CAP_SYS_ADMIN);
}

/** Why a process may not inspect its own children, which Yama can forbid (kernel.yama.ptrace_scope); null if it may. */
export function whyNotReadable(): string | null {
  const scope = Number(textOf('/proc/sys/kernel/yama/ptrace_scope'));
  if (scope < 2) return null;
  const mayTrace = hasCapability(readFileSync('/proc/thread-self/status', 'utf8'), CAP_SYS_PTRACE);
  if (scope === 2 && mayTrace) return null;
  return `this machine lets no process inspect another (kernel.yama.ptrace_scope is ${scope})`;
}

function hasCapability(status: string, capability: bigint): boolean {
  const effective = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> capability) & 1n) === 1n;
}

/** From now on execve(2) ignores setuid bits and file capabilities in this thread, and in everything it starts (PR_SET_NO_NEW_PRIVS). */
export function giveUpNewPrivileges(): void {
  libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/**
 * Makes these calls of the calling thread, and of everything it starts from now on, wait for the reader of the returned descriptor. When
 * the last such descriptor is closed, they fail with ENOSYS.
 * @throws SystemCallError EACCES without the privilege, EBUSY if they are watched already, EINVAL
 */
export function watchCalls(calls: readonly WatchableCall[]): number {
  const here = architecture();
  if (here === undefined) throw new SystemCallError('seccomp', 'ENOSYS');
  const program = filterProgram(programFor(here, calls));
  const flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  const install = [here.seccomp, SECCOMP_SET_MODE_FILTER] as const;
  const steady = libc.seccomp.unchecked(...install, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
  return steady === -1 ? libc.seccomp(...install, flags, program) : steady;
}

/** The name of a call by its number on this machine. */
export function callOfNumber(number: number): WatchableCall | undefined {
  const entries = Object.entries(architecture()?.calls ?? {});
  return entries.find(([, known]) => known === number)?.[0] as WatchableCall | undefined;
}

/** The inverse; undefined on a machine whose numbers are not known. */
export function numberOfCall(call: WatchableCall): number | undefined {
  return architecture()?.calls[call];
}

type Architecture = (typeof architectures)[keyof typeof architectures];

function architecture(): Architecture | undefined {
  return architectures[process.arch as keyof typeof architectures];
}

// Programs of another architecture (i386 on x86-64) use other numbers, and x32 adds a bit to them: all of them pass.
function programFor({ audit, calls }: Architecture, wanted: readonly WatchableCall[]): Instruction[] {
  const tests = wanted.map((call, i): Instruction => [JUMP_IF_EQUAL, wanted.length - i, 0, calls[call]]);
  return [
    [LOAD_WORD, 0, 0, architectureAt],
    [JUMP_IF_EQUAL, 0, wanted.length + 1, audit],
    [LOAD_WORD, 0, 0, numberAt],
    ...tests,
    [RETURN, 0, 0, SECCOMP_RET_ALLOW],
    [RETURN, 0, 0, SECCOMP_RET_USER_NOTIF],
  ];
}

function kernelIsAtLeast(major: number, minor: number): boolean {
  const [, first = '0', second = '0'] = /^(\d+)\.(\d+)/.exec(release()) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
