import { errnoName, SystemCallError } from './errno.ts';
import { lastErrno, libcFunction, libcFunctionAsync } from './koffi.ts';

/** A function of the C library that returns -1 and sets errno when it fails. */
export interface SystemCall<Args extends unknown[]> {
  /** @throws SystemCallError */
  (...args: Args): number;
  /**
   * The same on a separate thread, for calls that may block.
   * @throws SystemCallError
   */
  async(...args: Args): Promise<number>;
  /** Returns -1 instead of throwing. For callers that ignore the error, or read its number with `lastErrno` before any other native call. */
  unchecked(...args: Args): number;
}

/** Its declaration in C; errors carry `name`. */
export function systemCall<Args extends unknown[]>(
  declaration: string,
  name = /\w+(?=\()/.exec(declaration)?.[0] ?? declaration,
): SystemCall<Args> {
  const unchecked = libcFunction<Args>(declaration);
  const inThread = libcFunctionAsync<Args>(declaration);
  const call = (...args: Args) => {
    const result = unchecked(...args);
    if (result === -1) throw new SystemCallError(name, errnoName(lastErrno()));
    return result;
  };
  const async = async (...args: Args) => {
    const { result, errno } = await inThread(...args);
    if (result === -1) throw new SystemCallError(name, errnoName(errno));
    return result;
  };
  return Object.assign(call, { async, unchecked });
}

/** Runs calls that may fail. Returns the first error, or null. Other errors are thrown. */
export function attempt(calls: () => void): SystemCallError | null {
  try {
    calls();
    return null;
  } catch (error) {
    if (error instanceof SystemCallError) return error;
    throw error;
  }
}
