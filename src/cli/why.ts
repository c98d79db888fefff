import type { Command } from 'commander';
import { parseHost } from '../api/addresses.ts';
import { parseDuration } from '../api/duration.ts';
import { launchPatience } from '../api/launching.ts';
import { shellAt } from '../api/shell.ts';
import { why } from '../api/why.ts';
import { type Diagnosis, diagnose, type Question } from '../diagnose/diagnosis.ts';
import { canBind, type Ended } from '../diagnose/ending/ending.ts';
import { listPorts } from '../diagnose/listing.ts';
import { examine } from '../diagnose/situation/situation.ts';
import { diagnoseUnix, type UnixName } from '../diagnose/unix/unix-diagnosis.ts';
import { UsageError } from '../errors.ts';
import { type Host, thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { describeErrno } from '../native/errno.ts';
import { portDocumentOf, type WhyDocument } from '../report/documents/why.ts';
import { listenersDocumentOf, severalDocumentOf, type WhyAnswer } from '../report/documents/why-answers.ts';
import { type UnixDocument, unixDocumentOf } from '../report/documents/why-unix.ts';
import type { Paint } from '../report/paint.ts';
import { Spinner } from '../report/spinner.ts';
import { answerText } from '../report/why/answer.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions, launcherOption, launching, launchTimeoutOption } from './common-options.ts';
import { exitStatus, statusOf } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';
import { endHolders, type KillOptions, requireConsent, usualPatienceMs } from './why-kill.ts';
import { parseTarget, type WhyTarget } from './why-targets.ts';

interface WhyOptions extends OutputOptions {
  readonly host?: string;
  readonly wait?: string | true;
  readonly on?: string;
  readonly launchTimeout?: number;
  readonly kill?: boolean;
  readonly yes?: boolean;
  readonly long?: boolean;
}

/** What is asked, with all that the options say about it. */
interface Asked {
  readonly place: Host;
  readonly host: string | undefined;
  readonly on: string | null;
  readonly waitMs: number | null;
  readonly ending: KillOptions | null;
  readonly signal: AbortSignal;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .optionsGroup('Place:')
    .option('--host <address>', 'where a bind is tried (default: on all addresses)', parseHost)
    .optionsGroup('Until it is free:')
    .option('--wait [duration]', 'return when the port can be bound, or with status 1 after that long')
    .option('--kill', 'end whoever holds the port, after a question, and wait until it can be bound')
    .option('--yes', 'with --kill: do not ask')
    .optionsGroup('Place:')
    .addOption(launcherOption())
    .addOption(launchTimeoutOption())
    .optionsGroup('Result:')
    .option('--long', 'print everything: all processes with their ancestors, all remedies, all languages')
    .action(async (texts: readonly string[], options: WhyOptions) => {
      const { signal } = interruption;
      const { targets, waitMs } = targetsAndWait(texts, options.wait);
      const ending = endingOf(options, targets, waitMs);
      const place =
        options.on === undefined
          ? thisMachine
          : await openLauncher(options.on, signal, launchPatience(launching(options)));
      const on = options.on ?? null;
      const asked = {
        place,
        host: options.host,
        on,
        waitMs: ending === null ? waitMs : null,
        ending,
        signal,
      };
      const make = async () => {
        const { document, status } = await answerTo(targets, asked);
        finish(status);
        return document;
      };
      const detail = options.long ? 'everything' : 'what matters';
      const linesOf = (document: WhyAnswer, paint: Paint) =>
        answerText(document, { describeErrno, paint, detail });
      await printDocument(make, options, linesOf, 'why');
    });
  addReporterOptions(command);
}

/** commander takes the port of `--wait 8080` for the duration: a bare number is the port if no other is given. */
function targetsAndWait(
  texts: readonly string[],
  wait: WhyOptions['wait'],
): { targets: readonly WhyTarget[]; waitMs: number | null } {
  if (texts.length === 0 && typeof wait === 'string' && /^\d+$/.test(wait)) {
    return { targets: [parseTarget(wait)], waitMs: Number.POSITIVE_INFINITY };
  }
  const targets = texts.map(parseTarget);
  if (wait === undefined) return { targets, waitMs: null };
  if (targets.length === 0 || targets.some(({ kind }) => kind === 'socket'))
    throw new UsageError('no-port', '--wait waits for ports: name one, such as "tcpclose why 8080 --wait"');
  return { targets, waitMs: wait === true ? Number.POSITIVE_INFINITY : parseWait(wait) };
}

// commander would not recognise the port of "--wait 8080".
function parseWait(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.code, `--wait: ${error.message}`, error) : error;
  }
}

function endingOf(
  { kill = false, yes = false, on }: WhyOptions,
  targets: readonly WhyTarget[],
  waitMs: number | null,
): KillOptions | null {
  if (!kill) return null;
  if (targets.length === 0 || targets.some(({ kind }) => kind === 'socket'))
    throw new UsageError('no-port', '--kill frees ports: name one, such as "tcpclose why 8080 --kill"');
  if (on !== undefined)
    throw new UsageError(
      'kill-elsewhere',
      '--kill ends processes of this machine: run tcpclose there instead of --on',
    );
  const withinMs = waitMs === null || waitMs === Number.POSITIVE_INFINITY ? usualPatienceMs : waitMs;
  return { consent: requireConsent(yes), withinMs };
}

async function answerTo(
  targets: readonly WhyTarget[],
  asked: Asked,
): Promise<{ document: WhyAnswer; status: number }> {
  const { place, on, signal } = asked;
  if (targets.length === 0)
    return {
      document: listenersDocumentOf(await listPorts(place, signal), on),
      status: exitStatus.asExpected,
    };
  const answers: { document: WhyDocument | UnixDocument; status: number }[] = [];
  for (const target of targets) {
    answers.push(
      target.kind === 'port' ? await aboutPort(target, asked) : await aboutSocket(target.name, asked),
    );
  }
  const [first] = answers;
  const status = Math.max(...answers.map((answer) => answer.status));
  if (first !== undefined && answers.length === 1) return first;
  return { document: severalDocumentOf(answers.map(({ document }) => document)), status };
}

async function aboutPort(
  { port, host }: Extract<WhyTarget, { kind: 'port' }>,
  asked: Asked,
): Promise<{ document: WhyDocument; status: number }> {
  const { place, on, ending, signal } = asked;
  const question: Question = { place, port, host: host ?? asked.host, signal };
  if (ending === null) {
    const document = await askAndWait(question, asked);
    return { document, status: statusOf[document.verdict] };
  }
  const ended = await endHolders(question, await diagnose(question), ending);
  const diagnosis = await diagnose(question);
  const examined = await examine(place, diagnosis, signal);
  const answer = { examined, waitedMs: null, ended };
  const shell = shellAt(place, diagnosis.ownUid, on ?? undefined);
  return { document: portDocumentOf(answer, on, shell), status: statusAfter(diagnosis, ended) };
}

// After --kill a server that sets SO_REUSEADDR, as most do, need not wait for TIME_WAIT.
function statusAfter({ verdict, bind }: Diagnosis, ended: Ended | null): number {
  return ended !== null && canBind(bind) ? exitStatus.asExpected : statusOf[verdict];
}

async function askAndWait({ port, host, signal }: Question, { on, waitMs }: Asked): Promise<WhyDocument> {
  const spinner = new Spinner();
  const asked = why(port, {
    host,
    on: on ?? undefined,
    wait: waitMs === Number.POSITIVE_INFINITY ? true : (waitMs ?? undefined),
    abortSignal: signal,
    onEvent: ({ leftMs }) => {
      const left = leftMs === null ? 'as long as it is held' : `${formatSpan(leftMs)} left`;
      spinner.say(`waiting for port ${port} (${left})`);
    },
  });
  return asked.finally(() => spinner.stop());
}

async function aboutSocket(
  name: UnixName,
  { place, on }: Asked,
): Promise<{ document: UnixDocument; status: number }> {
  if (on !== null)
    throw new UsageError(
      'socket-elsewhere',
      '--on looks at ports: run tcpclose there to look at a Unix socket',
    );
  const diagnosis = await diagnoseUnix(place, name);
  const document = unixDocumentOf(diagnosis, shellAt(place, process.geteuid?.() ?? null, on ?? undefined));
  return { document, status: diagnosis.verdict === 'free' ? exitStatus.asExpected : exitStatus.contradicted };
}
