import { libc } from './libc.ts';
import type { Struct } from './structs.ts';

const RLIMIT_CORE = 4;
const PR_SET_PDEATHSIG = 1;
const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const SCHED_BATCH = 3;

/** Limits the core dump of this process, in bytes; 0 for none. The hard limit still applies. */
export function limitCoreDump(bytes: number): void {
  const limits: Struct<'rlimit'> = { rlim_cur: 0, rlim_max: 0 };
  libc.getrlimit(RLIMIT_CORE, limits);
  libc.setrlimit(RLIMIT_CORE, { ...limits, rlim_cur: bytes < limits.rlim_max ? bytes : limits.rlim_max });
}

/** From now on the kernel kills this process when the one that started it ends (prctl(2), PR_SET_PDEATHSIG). */
export function dieWithParent(): void {
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/** From now on descendants whose own parent has ended become children of this process (prctl(2), PR_SET_CHILD_SUBREAPER). */
export function adoptOrphans(): void {
  libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

let adopters = 0;

/** The same until the returned function is called, for the user's own process, whose daemons must not stay its children. May overlap. */
export function adoptOrphansForNow(): () => void {
  if (adopters++ === 0) adoptOrphans();
  let state: 'adopting' | 'over' = 'adopting';
  return () => {
    if (state === 'over') return;
    state = 'over';
    if (--adopters === 0) libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  };
}

const WNOHANG = 1;

/** Reaps a child that has ended and that Node did not start; otherwise it stays a zombie. */
export function reapChild(pid: number): void {
  libc.waitpid.unchecked(pid, null, WNOHANG);
}

/** From now on this thread does not preempt others when it wakes up (sched(7), SCHED_BATCH). */
export function scheduleAsBatch(): void {
  const priority = Buffer.alloc(4);
  libc.sched_setscheduler(0, SCHED_BATCH, priority);
}
