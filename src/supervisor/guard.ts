import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adoptOrphans } from '../native/process.ts';
import { endContainers } from './containers.ts';
import { killAllBelow } from './sweeping.ts';

export const guardedMark = 'guarded';

/**
 * Starts the supervisor below this process, and outlives it: when the supervisor ends, even by SIGKILL, nothing that it started stays.
 * Otherwise bind(2) and listen(2) of watched programs would fail (ENOSYS), because nobody answers them.
 */
export function guard(): void {
  const supervisor = spawn(process.execPath, [fileURLToPath(import.meta.url), guardedMark], {
    stdio: 'inherit',
  });
  adoptOrphans();
  supervisor.once(
    'exit',
    () =>
      void endContainers(process.pid)
        .then(() => killAllBelow(process.pid))
        .then(() => process.exit()),
  );
  supervisor.once('error', () => process.exit(1));
}
