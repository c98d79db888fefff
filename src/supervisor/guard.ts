import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adoptOrphans } from '../native/process.ts';
import { signalChild } from '../native/signal.ts';
import { endContainers } from './containers.ts';
import { notify } from './notify.ts';
import { killAllBelow } from './sweeping.ts';

export const guardedMark = 'guarded';

const lookMs = 1000;
/** How long a supervisor may outlive tcpclose: an engine may take long to remove a container. */
export const aloneMs = 60_000;

/**
 * Starts the supervisor below this process, and outlives it: when the supervisor ends, even by SIGKILL, everything that it started is
 * ended. Otherwise bind(2) and listen(2) of watched programs would fail (ENOSYS), because nothing answers them.
 * @param parent tcpclose. A supervisor that does not end within `patienceMs` after it hangs, and is killed.
 */
export function guard(parent: number, patienceMs: number): void {
  notify('guards', {});
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
  let aloneSince: number | undefined;
  setInterval(() => {
    if (process.ppid === parent) return;
    aloneSince ??= performance.now();
    if (performance.now() - aloneSince > patienceMs) signalChild(supervisor, 'SIGKILL');
  }, lookMs).unref();
}
