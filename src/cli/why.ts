import type { Command } from 'commander';
import { Shell } from '../diagnose/advice/shell.ts';
import { type Diagnosis, diagnose } from '../diagnose/diagnosis.ts';
import { type Waited, waitUntilFree } from '../diagnose/wait.ts';
import { UsageError } from '../errors.ts';
import { type Host, thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { describeErrno } from '../native/errno.ts';
import { whyDocumentOf } from '../report/documents/why.ts';
import { Spinner } from '../report/spinner.ts';
import { whyText } from '../report/why/why.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './commands.ts';
import { addOutputOptions, launcherOption } from './common-options.ts';
import { parseDuration } from './duration.ts';
import { statusOf } from './exit-status.ts';
import { parseHost, parsePort } from './network-options.ts';
import { type OutputOptions, printDocument } from './output.ts';
import { ownCommand } from './own-command.ts';

interface WhyOptions extends OutputOptions {
  readonly host?: string;
  readonly wait?: string | true;
  readonly on?: string;
  readonly long?: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--host <address>', 'where a bind is tried (default: on all addresses)', parseHost)
    .option('--wait [duration]', 'return when the port can be bound, or with status 1 after that long')
    .addOption(launcherOption())
    .option('--long', 'print everything: all processes with their ancestors, all remedies, all languages')
    .action(async (text: string | undefined, options: WhyOptions) => {
      const { port, waitMs } = portAndWait(text, options.wait);
      const { signal } = interruption;
      const place = options.on === undefined ? thisMachine : await openLauncher(options.on, signal);
      const question = { place, port, host: options.host, signal };
      const spinner = new Spinner();
      const answer: Waited =
        waitMs === null
          ? { diagnosis: await diagnose(question), waitedMs: null }
          : await waitUntilFree(question, waitMs, ({ freeInMs }) => {
              const left = freeInMs === null ? 'as long as it is held' : `${formatSpan(freeInMs)} left`;
              spinner.say(`waiting for port ${port} (${left})`);
            }).finally(() => spinner.stop());
      const shell = shellAt(place, answer.diagnosis, options);
      const document = whyDocumentOf(answer, options.on ?? null, shell);
      const detail = options.long ? 'everything' : 'what matters';
      await printDocument(document, options, (document, paint) =>
        whyText(document, { describeErrno, paint, detail }),
      );
      finish(statusOf[document.verdict]);
    });
  addOutputOptions(command);
}

/** commander takes the port of `--wait 8080` for the duration: a bare number is the port if no other is given. */
function portAndWait(
  text: string | undefined,
  wait: WhyOptions['wait'],
): { port: number; waitMs: number | null } {
  if (text === undefined && typeof wait === 'string' && /^\d+$/.test(wait)) {
    return { port: parsePort(wait), waitMs: Number.POSITIVE_INFINITY };
  }
  if (text === undefined) throw new UsageError('no-port', 'a port is missing: see "tcpclose why --help"');
  const port = parsePort(text);
  if (wait === undefined) return { port, waitMs: null };
  return { port, waitMs: wait === true ? Number.POSITIVE_INFINITY : parseWait(wait) };
}

// commander would not recognise the port of "--wait 8080".
function parseWait(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.code, `--wait: ${error.message}`, error) : error;
  }
}

function shellAt(place: Host, { ownUid }: Diagnosis, { on }: WhyOptions): Shell {
  return new Shell({
    wrap: (command) => place.wrap(command),
    uid: ownUid,
    tcpclose: ownCommand(),
    on: on === undefined ? [] : ['--on', on],
  });
}
