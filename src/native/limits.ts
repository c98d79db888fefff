import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

const RLIMIT_CORE = 4;

const setrlimit = libcFunction<[number, Buffer]>('int setrlimit(int resource, void *limits)');

/** How large a core dump this process may leave, in bytes; 0 for none. Cannot be raised again. */
export function limitCoreDump(bytes: number): void {
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(BigInt(bytes), 0);
  limits.writeBigUInt64LE(BigInt(bytes), 8);
  failOn('setrlimit', setrlimit(RLIMIT_CORE, limits));
}
