import { log } from '../debug.ts';
import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { placeOf } from '../scenario/location.ts';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { exitStatus } from './exit-status.ts';

/** The reason for an interruption is the name of a signal. */
const interruption = /^SIG(?:INT|TERM|HUP)$/;

/** An error as one line. NODE_DEBUG=tcpclose adds the stack of an unexpected one. */
export function describeError(error: unknown): string {
  if (error instanceof TcpcloseError) return harmless(error.message);
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
  if (interruption.test(first)) return `interrupted (${first}): there is no result`;
  const place = error instanceof Error ? placeOf(error) : undefined;
  if (place !== undefined) return `${place}: ${harmless(first)}`;
  return (
    describeSystemError(error) ??
    `unexpected error: ${harmless(first)}: set NODE_DEBUG=tcpclose to see where it comes from, and report it`
  );
}

/** Prints an error to standard error, and returns the exit status for a run that was not possible. */
export function reportError(error: unknown): number {
  log('%s', error instanceof Error ? error.stack : error);
  return reportLine(describeError(error));
}

export function reportLine(line: string): number {
  try {
    writeWhole(2, `tcpclose: ${line}\n`);
  } catch {
    // Only the exit status can still report it.
  }
  return exitStatus.couldNotRun;
}
