/** The package entry `tcpclose/node-test`: assertions for node:test, or any other runner. */
import { AssertionError } from 'node:assert';
import type { RestartOptions } from '../api/restart.ts';
import { before, type SocketOptions } from './before.ts';
import { checkRestart, checkSockets, type Found } from './checks.ts';

/**
 * The command starts a server that survives a restart: `await survivesRestart(['node', 'server.js'])`.
 * @throws AssertionError with the cause, its evidence and a remedy
 */
export async function survivesRestart(command: readonly string[], options?: RestartOptions): Promise<void> {
  demand(await checkRestart(command, options), survivesRestart);
}

/**
 * Neither this process nor one below it has a TCP socket that it did not have when this was imported.
 * @throws AssertionError that names them
 */
export async function leavesNoSockets(options?: SocketOptions): Promise<void> {
  demand(await checkSockets({ ...options, except: await before }), leavesNoSockets);
}

function demand({ state, text }: Found, stackStartFn: (...args: never[]) => unknown): void {
  if (state !== 'passed') throw new AssertionError({ message: text, stackStartFn });
}

export { freePort } from '../api/api.ts';
export type { FreePort } from '../api/free-port.ts';
