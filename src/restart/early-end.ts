import { TcpcloseError } from '../errors.ts';
import { type HarmlessLines, harmlessLines } from '../foreign.ts';
import { formatSpan } from '../time.ts';
import type { RoundContext } from './context.ts';
import { portInUse } from './in-use.ts';
import { takeIt } from './kept-listener.ts';
import { saysInUse } from './output-words.ts';
import type { Run } from './run.ts';
import type { ServerOptions } from './server-options.ts';
import type { Ending } from './trial.ts';

/** An error with the last output of the command. */
export class CommandFailed extends TcpcloseError {
  override readonly name = 'CommandFailed';
  readonly output: HarmlessLines;

  constructor(message: string, output: string) {
    super('command-failed', message);
    this.output = harmlessLines(output);
  }
}

/** @param port the port on which it should have listened, if known */
export async function endedEarly(
  context: RoundContext,
  run: Run,
  what: string,
  port?: number,
): Promise<CommandFailed> {
  const output = await run.output();
  const holder =
    context.kept !== undefined && saysInUse(output)
      ? `it binds the port itself, and does not take the listener of --listen-fds: ${takeIt}`
      : await portInUse(context, run, output, port);
  const words = output.trim() === '' ? 'it printed nothing' : 'see its last output';
  return new CommandFailed(`the command ${what}: ${holder ?? words}`, output);
}

export function wentAway(port: number | undefined, ending?: Ending): TcpcloseError {
  const where = port === undefined ? '' : ` and listens on ${port}`;
  const what =
    ending === undefined || ending.status === 0
      ? `went into the background${where}`
      : `ended with ${describeEnding(ending)}, and a process that it left still runs${where}`;
  return new TcpcloseError(
    'went-away',
    `the command ${what}, where tcpclose cannot follow it: keep it in the foreground, or give --port and --pid-file`,
  );
}

export function notReady(
  { timeoutMs, command: { ready } }: ServerOptions,
  { unmatchedAt }: Pick<Run, 'unmatchedAt'>,
): TcpcloseError {
  const why =
    unmatchedAt === null
      ? `was not ready after ${formatSpan(timeoutMs)}: look at --ready (what it prints may be kept in a buffer: PYTHONUNBUFFERED=1)`
      : `--ready "${ready?.source}" takes more than 1 s on a line of its output: write it without a repetition inside a repetition`;
  return new TcpcloseError('not-ready', `the command listens, but ${why}`);
}

/** `exit status 1`, `SIGKILL`. */
export function describeEnding({ status, signal }: Ending): string {
  if (signal !== null) return signal;
  return status === null ? 'a status that only its parent has seen' : `exit status ${status}`;
}
