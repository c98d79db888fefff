import { TcpcloseError } from '../../errors.ts';
import type { Exit } from '../../lab/process/exit.ts';
import { formatSpan } from '../../time.ts';
import { nameOf } from '../location.ts';
import type { Ending } from './own-process.ts';
import { loopMs } from './pulse.ts';

/** Why the process of a user's own file has no result, and what to do. */
export function howItEnded(file: string, ending: Ending, limitMs: number): TcpcloseError {
  const name = nameOf(file);
  const limit = formatSpan(limitMs);
  switch (ending.state) {
    case 'loops':
      return new TcpcloseError(
        'endless-loop',
        `${name}: nothing else could run for ${formatSpan(loopMs)}: look for a loop that does not end, or has no "await"`,
      );
    case 'is blocked':
      return new TcpcloseError(
        'timeout',
        `${name}: not over after ${limit}, and nothing else could run: look for a call that blocks, such as execSync()`,
      );
    case 'stopped':
      return new TcpcloseError(
        'timeout',
        `${name}: not loaded after ${limit}: look for an "await" outside of run that does not end`,
      );
    case 'ended by itself':
      return new TcpcloseError('process-ended', `${name}: ${causeOf(ending.exit)}`);
  }
}

function causeOf(exit: Exit): string {
  if (exit.state === 'exited')
    return `its process exited with status ${exit.status} in the middle of the run: look for what ends it`;
  if (exit.signal === 'SIGABRT')
    return 'its process died of SIGABRT: look for process.abort(), and for what uses up the memory of Node';
  if (exit.signal === 'SIGKILL')
    return 'its process died of SIGKILL: look for what kills it; if the machine had no memory left, "dmesg" says so';
  return `its process died of ${exit.signal}: look for what sends it, or for a fault in native code`;
}
