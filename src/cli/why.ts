import type { Command } from 'commander';
import { parseHost } from '../api/addresses.ts';
import { parseDuration } from '../api/duration.ts';
import { shellAt } from '../api/shell.ts';
import { why } from '../api/why.ts';
import { parseTarget, type WhyTarget } from '../api/why-targets.ts';
import { type Diagnosis, diagnose, type Question } from '../diagnose/diagnosis.ts';
import { canBind, type Ended } from '../diagnose/ending/ending.ts';
import { examine } from '../diagnose/situation/situation.ts';
import { UsageError } from '../errors.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { describeErrno } from '../native/errno.ts';
import { portDocumentOf, type WhyDocument } from '../report/documents/why.ts';
import { severalDocumentOf, type WhyAnswer } from '../report/documents/why-answers.ts';
import type { Paint } from '../report/paint.ts';
import { Spinner } from '../report/spinner.ts';
import { answerText } from '../report/why/answer.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions, launcherOption, launching, launchTimeoutOption } from './common-options.ts';
import { exitStatus, statusOf } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';
import { endHolders, type KillOptions, requireConsent, usualPatienceMs } from './why-kill.ts';

interface WhyOptions extends OutputOptions {
  readonly host?: string;
  readonly wait?: string | true;
  readonly on?: string;
  readonly launchTimeout?: number;
  readonly kill?: boolean;
  readonly yes?: boolean;
  readonly long?: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .optionsGroup('Place:')
    .option('--host <address>', 'address that the bind is tried on (default: all addresses)', parseHost)
    .optionsGroup('Until it is free:')
    .option('--wait [duration]', 'wait until the port can be bound; exit with status 1 after this time')
    .option('--kill', 'end whoever holds the port, after asking you, and wait until it can be bound')
    .option('--yes', 'with --kill: do not ask')
    .optionsGroup('Place:')
    .addOption(launcherOption())
    .addOption(launchTimeoutOption())
    .optionsGroup('Result:')
    .option('--long', 'print everything: all processes with their ancestors, all remedies, all languages')
    .action(async (texts: readonly string[], options: WhyOptions) => {
      const { signal } = interruption;
      const { targets, waitMs } = targetsAndWait(texts, options.wait);
      const ending = endingOf(options, targets.map(parseTarget), waitMs);
      const make = async () => {
        const { document, status } = await (ending === null
          ? ask(targets, waitMs, options, signal)
          : free(targets, ending, options, signal));
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
): { targets: readonly string[]; waitMs: number | null } {
  if (texts.length === 0 && typeof wait === 'string' && /^\d+$/.test(wait)) {
    return { targets: [wait], waitMs: Number.POSITIVE_INFINITY };
  }
  if (wait === undefined) return { targets: texts, waitMs: null };
  return { targets: texts, waitMs: wait === true ? Number.POSITIVE_INFINITY : parseWait(wait) };
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

interface Answer {
  readonly document: WhyAnswer;
  readonly status: number;
}

async function ask(
  targets: readonly string[],
  waitMs: number | null,
  options: WhyOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const { host, on } = options;
  const spinner = new Spinner();
  const [first] = targets;
  const asked = why(targets.length === 1 && first !== undefined ? first : targets, {
    host,
    on,
    ...launching(options),
    wait: waitMs === Number.POSITIVE_INFINITY ? true : (waitMs ?? undefined),
    abortSignal: signal,
    onEvent: ({ port, leftMs }) => {
      const left = leftMs === null ? 'as long as it is held' : `${formatSpan(leftMs)} left`;
      spinner.say(`waiting for port ${port} (${left})`);
    },
  });
  const document = await asked.finally(() => spinner.stop());
  return { document, status: statusOfAnswer(document) };
}

function statusOfAnswer(answer: WhyAnswer): number {
  switch (answer.type) {
    case 'listeners':
      return exitStatus.asExpected;
    case 'several':
      return Math.max(...answer.answers.map(statusOfAnswer));
    case 'port':
      return statusOf[answer.verdict];
    case 'socket':
      return answer.verdict === 'free' ? exitStatus.asExpected : exitStatus.contradicted;
  }
}

/** What the API does not do: it ends no processes of others. */
async function free(
  targets: readonly string[],
  ending: KillOptions,
  { host }: WhyOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const answers: { document: WhyDocument; status: number }[] = [];
  for (const target of targets.map(parseTarget)) {
    if (target.kind !== 'port') continue;
    const question = { place: thisMachine, port: target.port, host: target.host ?? host, signal };
    answers.push(await freePort(question, ending));
  }
  const [first] = answers;
  if (first !== undefined && answers.length === 1) return first;
  return {
    document: severalDocumentOf(answers.map(({ document }) => document)),
    status: Math.max(...answers.map(({ status }) => status)),
  };
}

async function freePort(
  question: Question,
  ending: KillOptions,
): Promise<{ document: WhyDocument; status: number }> {
  const ended = await endHolders(question, await diagnose(question), ending);
  const diagnosis = await diagnose(question);
  const examined = await examine(thisMachine, diagnosis, question.signal);
  const shell = shellAt(thisMachine, diagnosis.ownUid, undefined);
  return {
    document: portDocumentOf({ examined, waitedMs: null, ended }, null, shell),
    status: statusAfter(diagnosis, ended),
  };
}

// After --kill a server that sets SO_REUSEADDR, as most do, need not wait for TIME_WAIT.
function statusAfter({ verdict, bind }: Diagnosis, ended: Ended | null): number {
  return ended !== null && canBind(bind) ? exitStatus.asExpected : statusOf[verdict];
}
