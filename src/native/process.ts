import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

const RLIMIT_CORE = 4;
const PR_SET_PDEATHSIG = 1;
const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const SCHED_BATCH = 3;

const prctl = libcFunction<[number, number]>('int prctl(int option, unsigned long argument)');
const getrlimit = libcFunction<[number, Buffer]>('int getrlimit(int resource, void *limits)');
const setrlimit = libcFunction<[number, Buffer]>('int setrlimit(int resource, void *limits)');
const sched_setscheduler = libcFunction<[number, number, Buffer]>(
  'int sched_setscheduler(int pid, int policy, void *param)',
);

/** How large a core dump this process may leave, in bytes; 0 for none. As far as its hard limit allows. */
export function limitCoreDump(bytes: number): void {
  const limits = Buffer.alloc(16);
  failOn('getrlimit', getrlimit(RLIMIT_CORE, limits));
  const hard = limits.readBigUInt64LE(8);
  limits.writeBigUInt64LE(BigInt(bytes) < hard ? BigInt(bytes) : hard, 0);
  failOn('setrlimit', setrlimit(RLIMIT_CORE, limits));
}

/** From now on the kernel kills this process when the one that started it ends (prctl(2), PR_SET_PDEATHSIG). */
export function dieWithParent(): void {
  failOn('prctl', prctl(PR_SET_PDEATHSIG, SIGKILL));
}

/** From now on descendants whose own parent has ended become children of this process (prctl(2), PR_SET_CHILD_SUBREAPER). */
export function adoptOrphans(): void {
  failOn('prctl', prctl(PR_SET_CHILD_SUBREAPER, 1));
}

/** From now on this thread takes the core from no other when it wakes up, and waits for its turn (sched(7), SCHED_BATCH). */
export function giveWay(): void {
  const priority = Buffer.alloc(4);
  failOn('sched_setscheduler', sched_setscheduler(0, SCHED_BATCH, priority));
}
