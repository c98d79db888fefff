import { constants } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { requireProcesses, whyNotHere } from '../api/following.ts';
import { TcpcloseError, UsageError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import { pageWidth } from '../report/columns.ts';
import { beQuiet } from '../report/spinner.ts';
import { isSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { commands } from './commands.ts';
import { commonGroup } from './common-options.ts';
import { applyDefaults, commandOf, defaultsOf } from './configuration.ts';
import { reportError, reportLine } from './error-line.ts';
import { exitStatus } from './exit-status.ts';
import { commandFooter, programFooter, spelledOut } from './help.ts';
import { Interruption } from './interruption.ts';
import type { OutputOptions } from './output.ts';

/**
 * Runs the command that the arguments name, and returns the exit status. A second interruption calls `exit` at once.
 */
export async function run(args: readonly string[], exit: (status: number) => never): Promise<number> {
  const notHere = whyNotHere();
  if (notHere !== null) return reportError(notHere);
  process.exit = refuseToExit;
  const interruption = new Interruption(exit);
  try {
    return await parse(spelledOut(args), interruption);
  } catch (error) {
    return interruption.status ?? (isBrokenPipe(error) ? brokenPipeStatus : reportError(error));
  }
}

// The user's own scenario would end tcpclose in the middle of a run, with a status that hides it.
function refuseToExit(): never {
  throw new Error('process.exit() would end tcpclose: return from run, or throw an error');
}

/** Reports that the process ends before the run has, which therefore has no result. Returns the exit status. */
export function reportEarlyEnd(): number {
  return reportLine(
    'the run stopped before its end and has no result: set NODE_DEBUG=tcpclose, try again, and report it',
  );
}

const brokenPipeStatus = 128 + constants.signals.SIGPIPE;

// Help is printed by a system call of ours, not by a stream.
function isBrokenPipe(error: unknown): boolean {
  return isSystemError(error) && error.code === 'EPIPE' && error.syscall === 'write';
}

async function parse(given: readonly string[], interruption: Interruption): Promise<number> {
  let status: number = exitStatus.couldNotRun;
  const program = strict(new Command('tcpclose'))
    .description(
      'A laboratory for the end of TCP connections. It reports only what it has just observed on your kernel.',
    )
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', programFooter)
    .configureHelp({ subcommandTerm, minWidthToWrap: 20 })
    .helpCommand(false);
  const chosen = given.find((arg) => !arg.startsWith('-'));
  const defaults = asksForHelp(given) ? undefined : await defaultsOf(chosen);
  const args = defaults === undefined ? given : [...given, ...commandOf(defaults, given)];
  for (const entry of commands) {
    const { name, synopsis, parameters = synopsis, summary, load, hidden = false } = entry;
    const command = strict(program.command(`${name} ${parameters}`.trimEnd(), { hidden }).summary(summary))
      .usage(`[options] ${synopsis}`.trimEnd())
      .addHelpOption(new Option('-h, --help', 'print help').helpGroup(commonGroup))
      .addHelpText('after', commandFooter(entry));
    // Only the chosen command is loaded, so help is fast.
    if (name !== chosen) continue;
    interruption.watchOutput();
    const { define } = await load();
    await define(command.description(summary), {
      args,
      interruption,
      commands,
      finish: (result) => {
        status = result;
      },
    });
    nameInErrors(command.options);
  }
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
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : reportLine(usage(error, chosen));
    throw error;
  }
  await writtenOut();
  return interruption.status ?? status;
}

function asksForHelp(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.includes('--help') || own.includes('-h');
}

function subcommandTerm(command: Command): string {
  const synopsis = commands.find(({ name }) => name === command.name())?.synopsis ?? '';
  return `${command.name()} ${synopsis}`.trimEnd();
}

/** Commands that need no process. why and doctor report that processes are hidden. */
const withoutProc = ['list', 'explain', 'init', 'why', 'doctor', 'completion', 'complete'];

/** Only then is it known whether the last output could be written. */
function writtenOut(): Promise<void> {
  return new Promise((resolve) => void process.stdout.write('', () => resolve()));
}

/** Errors become exceptions; help is printed without the streams, which take 5 ms to set up. */
function strict(command: Command): Command {
  // By default commander does not wrap descriptions to less than 40 columns.
  return command
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .configureOutput({
      writeErr: () => {},
      writeOut: (text) => writeWhole(1, text),
      getOutHelpWidth: pageWidth,
    });
}

/** Prefixes a parser's error with its option, because several options take values of the same kind. */
function nameInErrors(options: readonly Option[]): void {
  for (const option of options) {
    const { parseArg, long, short } = option;
    if (parseArg === undefined) continue;
    option.argParser((text, previous) => {
      try {
        return parseArg(text, previous);
      } catch (error) {
        if (!(error instanceof TcpcloseError)) throw error;
        throw new UsageError(error.code, `${long ?? short}: ${error.message}`, error);
      }
    });
  }
}

// commander says "error: unknown option '--prot'\n(Did you mean --port?)".
function usage(error: CommanderError, chosen: string | undefined): string {
  const known = commands.some(({ name }) => name === chosen);
  const help = known ? `tcpclose ${chosen} --help` : 'tcpclose --help';
  const message = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  const [, option, value, choices] = notAChoice.exec(message) ?? [];
  return option === undefined
    ? `${message}: see "${help}"`
    : `${option}: "${value}" is not a choice: choose one of ${choices}`;
}

// "option '--observer <name>' argument 'foo' is invalid. Allowed choices are auto, ss"
const notAChoice = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. Allowed choices are (.*)$/;
