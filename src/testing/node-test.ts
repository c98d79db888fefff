/** The package entry `tcpclose/node-test`: assertions for node:test, or any other runner. */
import { AssertionError } from 'node:assert';
import type { RestartOptions } from '../api/restart.ts';
import { before, type SocketOptions } from './before.ts';
import { checkRestart, checkSockets, type Found } from './checks.ts';
import { callerOf, type Frames } from './located.ts';

/**
 * The command starts a server that survives a restart: `await survivesRestart(['node', 'server.js'])`.
 * @throws AssertionError with the cause, its evidence and a remedy
 */
export async function survivesRestart(command: readonly string[], options?: RestartOptions): Promise<void> {
  const caller = callerOf(survivesRestart);
  demand(await checkRestart(command, options), caller);
}

/**
 * Neither this process nor a descendant has a TCP socket that it did not have when this was imported.
 * @throws AssertionError that names them
 */
export async function leavesNoSockets(options?: SocketOptions): Promise<void> {
  const caller = callerOf(leavesNoSockets);
  demand(await checkSockets({ ...options, except: before }), caller);
}

function demand({ state, text }: Found, caller: Frames): void {
  if (state === 'passed') return;
  const error = new AssertionError({ message: text });
  error.stack = `${error.name} [${error.code}]: ${text}\n${caller}`;
  throw error;
}

export { freePort } from '../api/api.ts';
export type { FreePort } from '../api/free-port.ts';
