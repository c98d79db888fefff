import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { TcpcloseError } from '../errors.ts';

/** A system call that failed: which one, and with what errno, as its name (`EADDRINUSE`). */
export class SystemCallError extends TcpcloseError {
  override readonly name = 'SystemCallError';
  readonly call: string;
  readonly errno: string;

  constructor(call: string, errno: string) {
    super('system-call', `${call}: ${describeErrno(errno)}`);
    this.call = call;
    this.errno = errno;
  }
}

/** `Address already in use (EADDRINUSE)`: the words of strerror(3) and the name. */
export function describeErrno(errno: string): string {
  const words = wordsByName().get(errno);
  return words === undefined ? errno : `${words[0]?.toUpperCase()}${words.slice(1)} (${errno})`;
}

/** The name of a number, such as 98; `errno 9999` for one that Node does not know. */
export function errnoName(number: number): string {
  names ??= new Map(
    Object.entries(constants.errno)
      .reverse()
      .map(([name, value]) => [value, name]),
  );
  return names.get(number) ?? `errno ${number}`;
}

let names: Map<number, string> | undefined;
let words: Map<string, string> | undefined;

function wordsByName(): Map<string, string> {
  words ??= new Map(getSystemErrorMap().values());
  return words;
}
