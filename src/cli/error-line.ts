import { debuglog } from 'node:util';
import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { placeOf } from '../scenario/user-place.ts';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { exitStatus } from './exit-status.ts';

const debug = debuglog('tcpclose');

/** What a person reads of an error: one line. Of one that was not foreseen the stack comes with NODE_DEBUG=tcpclose. */
export function describeError(error: unknown): string {
  if (error instanceof TcpcloseError) return harmless(error.message);
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
  const place = error instanceof Error ? placeOf(error) : undefined;
  if (place !== undefined) return `${place}: ${harmless(first)}`;
  return (
    describeSystemError(error) ??
    `unexpected error: ${harmless(first)}: set NODE_DEBUG=tcpclose to see where it comes from, and report it`
  );
}

/** Reports an error on standard error. Gives the exit status: that of a run that was not possible. */
export function reportError(error: unknown): number {
  debug('%s', error instanceof Error ? error.stack : error);
  return reportLine(describeError(error));
}

export function reportLine(line: string): number {
  try {
    writeWhole(2, `tcpclose: ${line}\n`);
  } catch {
    // There is nowhere left to say so; the exit status does.
  }
  return exitStatus.couldNotRun;
}
