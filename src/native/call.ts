import { errnoName, SystemCallError } from './errno.ts';
import { lastErrno } from './koffi.ts';

/** Passes the result of a system call on, or throws what it failed with. To be called before any other native call. */
export function failOn(call: string, result: number): number {
  if (result === -1) throw new SystemCallError(call, errnoName(lastErrno()));
  return result;
}

/** Runs calls of which each may fail; gives the one that did, or null. Other errors pass through. */
export function attempt(calls: () => void): SystemCallError | null {
  try {
    calls();
    return null;
  } catch (error) {
    if (error instanceof SystemCallError) return error;
    throw error;
  }
}
