import { constants } from 'node:os';
import { TcpcloseError } from '../errors.ts';
import { isOfDescriptors, remedyFor } from '../system-error.ts';
import { libcFunction } from './koffi.ts';

/** A failed system call, with the name of its errno (`EADDRINUSE`). */
export class SystemCallError extends TcpcloseError {
  override readonly name = 'SystemCallError';
  readonly call: string;
  readonly errno: string;

  constructor(call: string, errno: string) {
    const remedy = isOfDescriptors(errno) ? `: ${remedyFor(errno)}` : '';
    super('system-call', `${call}: ${describeErrno(errno)}${remedy}`);
    this.call = call;
    this.errno = errno;
  }
}

/** `Address already in use (EADDRINUSE)`: the text of strerror(3) and the name. Node's own texts differ from what programs print. */
export function describeErrno(errno: string): string {
  const number = constants.errno[errno as keyof typeof constants.errno];
  return number === undefined ? errno : `${strerror(number)} (${errno})`;
}

const strerror = libcFunction<[number], string>('const char *strerror(int number)');

/** The name of a number such as 98; `errno 9999` if Node does not know it. */
export function errnoName(number: number): string {
  names ??= new Map(
    Object.entries(constants.errno)
      .reverse()
      .map(([name, value]) => [value, name]),
  );
  return names.get(number) ?? `errno ${number}`;
}

let names: Map<number, string> | undefined;
