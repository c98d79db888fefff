import type { ChildProcess } from 'node:child_process';
import { debuglog } from 'node:util';
import { harmless, shownCommand } from './foreign.ts';

/** The log without a time; `debug()` adds it. */
export const log = debuglog('tcpclose');
/** Nobody reads a table of a million sockets in a trace. */
const longestTrace = 2000;

/**
 * Traces one line on standard error if NODE_DEBUG contains `tcpclose`, with the time of day (UTC). The text is made only
 * then, and may quote other programs.
 */
export function debug(text: () => string): void {
  if (!log.enabled) return;
  const whole = text();
  const cut =
    whole.length > longestTrace ? `${whole.slice(0, longestTrace)}... (${whole.length} characters)` : whole;
  log('%s %s', new Date().toISOString().slice(11, 23), harmless(cut));
}

/** Traces that a program was started, and how and when it ended. */
export function debugProgram(child: ChildProcess): void {
  if (!log.enabled) return;
  const startedAt = performance.now();
  const { pid = 'none', spawnargs } = child;
  const end = (how: string) =>
    debug(() => `pid ${pid} ${how} after ${(performance.now() - startedAt).toFixed(1)} ms`);
  debug(() => `start ${shownCommand(spawnargs)}: pid ${pid}`);
  child.once('error', ({ message }) => end(message));
  child.once('exit', (status, signal) =>
    end(signal === null ? `exited with ${status}` : `died of ${signal}`),
  );
}
