import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { requireProcesses, whyNotHere } from '../api/following.ts';
import { UsageError } from '../errors.ts';
import { beQuiet } from '../report/spinner.ts';
import { isSystemError } from '../system-error.ts';
import { programOf } from './command-tree.ts';
import { applyDefaults, commandOf, defaultsOf } from './configuration.ts';
import { reportError, reportLine } from './error-line.ts';
import { exitStatus } from './exit-status.ts';
import { spelledOut } from './help.ts';
import { Interruption } from './interruption.ts';
import type { OutputOptions } from './output.ts';
import { usage } from './usage.ts';

/** Runs the command that the arguments name, and returns the exit status. A second interruption calls `exit` at once. */
export async function run(args: readonly string[], exit: (status: number) => never): Promise<number> {
  const notHere = whyNotHere();
  if (notHere !== null) return reportError(notHere);
  const interruption = new Interruption(exit);
  try {
    return await parse(spelledOut(args), interruption);
  } catch (error) {
    if (interruption.status === null) {
      if (isBrokenPipe(error)) return brokenPipeStatus;
      const { annotateEarly } = await import('./early-error.ts');
      await annotateEarly(args, error);
      return reportError(error);
    }
    interruption.report();
    return interruption.status;
  }
}

/** Reports that the process ends before the run, which therefore has no result. Returns the exit status. */
export function reportEarlyEnd(): number {
  return reportLine(
    'the run stopped before its end and has no result: set NODE_DEBUG=tcpclose, try again, and report it',
  );
}

async function parse(given: readonly string[], interruption: Interruption): Promise<number> {
  let status: number = exitStatus.couldNotRun;
  const chosen = given.find((arg) => !arg.startsWith('-'));
  const defaults = asksForHelp(given) ? undefined : await defaultsOf(chosen);
  const args = defaults === undefined ? given : [...given, ...commandOf(defaults, given)];
  const finish = (result: number) => {
    status = result;
  };
  const program = await programOf(chosen, { args, interruption, finish });
  if (args.length === 0) {
    process.stderr.write(program.helpInformation());
    return exitStatus.couldNotRun;
  }
  program.hook('preAction', (_, command) => {
    if (!withoutProc.includes(command.name())) requireProcesses();
    if (defaults !== undefined) applyDefaults(command, defaults);
    if (command.opts<OutputOptions>().quiet) beQuiet();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw new UsageError('usage', usage(error, chosen));
  }
  await writtenOut();
  return interruption.status ?? status;
}

/** Commands that need no processes. why and doctor report that processes are hidden. */
const withoutProc = ['list', 'explain', 'init', 'why', 'doctor', 'completion', 'complete'];

function asksForHelp(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.includes('--help') || own.includes('-h');
}

/** Only then is it certain whether the last output could be written. */
function writtenOut(): Promise<void> {
  return new Promise((resolve) => void process.stdout.write('', () => resolve()));
}

const brokenPipeStatus = 128 + constants.signals.SIGPIPE;

// A system call of tcpclose prints help, not a stream.
function isBrokenPipe(error: unknown): boolean {
  return isSystemError(error) && error.code === 'EPIPE' && error.syscall === 'write';
}
