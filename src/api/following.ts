import { existsSync } from 'node:fs';
import { TcpcloseError } from '../errors.ts';

/** What every function of the API takes besides its own options. */
export interface Following<Event> {
  /** Called with everything that happens, as it happens. */
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Ends the run in order: nothing of it is left when the promise settles. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Never aborts. */
const undisturbed = new AbortController().signal;

export function signalOf({ abortSignal = undisturbed }: Following<never>): AbortSignal {
  return abortSignal;
}

/** Why tcpclose can observe nothing here; null if it can. */
export function whyNotHere(): TcpcloseError | null {
  if (process.platform !== 'linux') {
    return new TcpcloseError(
      'not-linux',
      `tcpclose observes the TCP of Linux, and this is ${process.platform}: run it on Linux`,
    );
  }
  return null;
}

/**
 * Without /proc no process is visible: every port would seem free of holders.
 * @throws TcpcloseError `not-linux`, `no-proc`
 */
export function requireProcesses(): void {
  requireLinux();
  if (existsSync('/proc/self/stat')) return;
  throw new TcpcloseError(
    'no-proc',
    '/proc is not mounted, and processes cannot be found without it: mount it',
  );
}

/** @throws TcpcloseError `not-linux` */
export function requireLinux(): void {
  const error = whyNotHere();
  if (error !== null) throw error;
}
