import type { Command } from 'commander';
import { parseHost } from '../api/addresses.ts';
import { parseDuration } from '../api/duration.ts';
import { type WhyEvent, type WhyOptions, why } from '../api/why.ts';
import type { Consent } from '../api/why-kill.ts';
import { canBind } from '../diagnose/bind-probe.ts';
import { UsageError } from '../errors.ts';
import { describeErrno } from '../native/errno.ts';
import type { WhyDocument } from '../report/documents/why.ts';
import type { WhyAnswer } from '../report/documents/why-answers.ts';
import type { Paint } from '../report/paint.ts';
import { type Clock, clockOf, Progress } from '../report/progress.ts';
import { answerText } from '../report/why/answer.ts';
import type { Invocation } from './command-entry.ts';
import {
  addReporterOptions,
  type Given,
  launcherOption,
  launching,
  launchTimeoutOption,
} from './common-options.ts';
import { exitStatus, statusOf } from './exit-status.ts';
import { printDocument } from './output.ts';
import { consentOf } from './why-consent.ts';

interface Options extends Given<Omit<WhyOptions, 'wait' | 'kill'>> {
  readonly wait?: string | true;
  readonly kill?: boolean;
  readonly yes?: boolean;
  readonly long?: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .optionsGroup('Place:')
    .option('--host <address>', 'try the bind on this address (default: all addresses)', parseHost)
    .optionsGroup('Freeing the port:')
    .option('--wait [duration]', 'wait until the port can be bound; exit with status 1 after this time')
    .option('--kill', 'end whoever holds the port, after asking you, and wait until it can be bound')
    .option('--yes', 'end processes with --kill without asking')
    .optionsGroup('Place:')
    .addOption(launcherOption())
    .addOption(launchTimeoutOption())
    .optionsGroup('Result:')
    .option('--long', 'print everything: all processes with their ancestors, all remedies, all languages')
    .action(async (texts: readonly string[], options: Options) => {
      const { signal } = interruption;
      const { targets, waitMs } = targetsAndWait(texts, options.wait);
      const { kill, yes = false } = options;
      const consent = kill ? consentOf(yes, signal) : undefined;
      const make = async () => {
        const document = await ask(targets, waitMs, consent, options, signal);
        finish(statusOfAnswer(document));
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
  wait: Options['wait'],
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

async function ask(
  targets: readonly string[],
  waitMs: number | null,
  kill: Consent | undefined,
  options: Options,
  signal: AbortSignal,
): Promise<WhyAnswer> {
  const { host, on } = options;
  const progress = new Progress();
  const startedAt = performance.now();
  const [first] = targets;
  return why(targets.length === 1 && first !== undefined ? first : targets, {
    ...{ host, on, kill },
    ...launching(options),
    wait: waitMs === Number.POSITIVE_INFINITY ? true : (waitMs ?? undefined),
    abortSignal: signal,
    onEvent: (event) => {
      const goneMs = performance.now() - startedAt;
      if (event.type === 'ending')
        progress.say(`waiting for what holds port ${event.port} to end`, {
          type: 'at most',
          ms: event.leftMs,
        });
      else progress.say(`waiting for port ${event.port}`, clockWithin(event, waitMs, goneMs));
    },
  }).finally(() => progress.stop());
}

/** The end by a timer, or the limit if that comes first. */
function clockWithin(
  { leftMs, atLatestMs }: Extract<WhyEvent, { type: 'waiting' }>,
  limitMs: number | null,
  goneMs: number,
): Clock {
  const atMostMs = (limitMs ?? Number.POSITIVE_INFINITY) - goneMs;
  const latestMs = atLatestMs ?? leftMs;
  if (leftMs !== null && latestMs !== null && latestMs <= atMostMs)
    return latestMs === leftMs ? clockOf(leftMs) : { type: 'at most', ms: latestMs };
  return Number.isFinite(atMostMs) ? { type: 'at most', ms: atMostMs } : clockOf(null);
}

function statusOfAnswer(answer: WhyAnswer): number {
  switch (answer.type) {
    case 'listeners':
      return exitStatus.asExpected;
    case 'several':
      return Math.max(...answer.answers.map(statusOfAnswer));
    case 'port':
      return statusOfPort(answer);
    case 'socket':
      return answer.verdict === 'free' ? exitStatus.asExpected : exitStatus.contradicted;
  }
}

// After --kill a server that sets SO_REUSEADDR, as most do, need not wait for TIME_WAIT.
function statusOfPort({ ended, bind, verdict }: WhyDocument): number {
  return ended !== null && canBind(bind) ? exitStatus.asExpected : statusOf[verdict];
}
