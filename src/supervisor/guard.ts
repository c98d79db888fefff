import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adoptOrphans } from '../native/process.ts';
import { killAllBelow } from './sweeping.ts';

export const guardedMark = 'guarded';

/**
 * Starts the supervisor below this process, and outlives it: when it ends, and be it by SIGKILL, nothing of what it has started stays.
 * Without it watched programs would find that bind(2) and listen(2) fail (ENOSYS), since nobody answers any more.
 */
export function guard(): void {
  const supervisor = spawn(process.execPath, [fileURLToPath(import.meta.url), guardedMark], {
    stdio: 'inherit',
  });
  adoptOrphans();
  supervisor.once('exit', () => void killAllBelow(process.pid).then(() => process.exit()));
  supervisor.once('error', () => process.exit(1));
}
