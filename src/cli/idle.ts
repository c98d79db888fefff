import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { type ClientName, clientNames, type IdleClient, idleClients, ownClient } from '../idle/clients.ts';
import { withServer } from '../idle/command.ts';
import { type IdleOptions, type IdleResult, idle } from '../idle/idle.ts';
import { type FoundPlace, findPlace, parsePlace } from '../idle/place.ts';
import { type Method, methods } from '../idle/provoke/clients.ts';
import { parseProxy } from '../idle/provoke/proxy.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { type IdleDocument, idleDocumentOf } from '../report/documents/idle.ts';
import { idleCases } from '../report/idle/cases.ts';
import { idleText } from '../report/idle/text.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { Spinner } from '../report/spinner.ts';
import { CommandFailed } from '../restart/early-end.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './commands.ts';
import { addReporterOptions, durationOption } from './common-options.ts';
import { parseDuration, parseLimit } from './duration.ts';
import { statusOf } from './exit-status.ts';
import { parseRate } from './idle/options.ts';
import { parsePort } from './network-options.ts';
import { type OutputOptions, withReporters } from './output.ts';
import { parseReady, parseRequest } from './restart/options.ts';
import { lastLines, ownEnvironment, withCountdown } from './user-command.ts';

interface Options extends OutputOptions {
  readonly client?: ClientName;
  readonly clientIdle?: number;
  readonly for?: number;
  readonly rate: number;
  readonly rtt?: number;
  readonly path?: string;
  readonly tls?: boolean;
  readonly request?: Buffer;
  readonly answerTimeout: number;
  readonly provoke?: number | true;
  readonly hold: number;
  readonly method: Method;
  readonly through?: readonly string[];
  readonly port?: number;
  readonly ready?: RegExp;
  readonly timeout: number;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .addOption(
      new Option('--client <name>', 'client to compare with: its idle timeout is known')
        .choices(clientNames)
        .conflicts('clientIdle'),
    )
    .option(
      '--client-idle <duration>',
      'how long the client keeps an idle connection, such as 60s',
      parseLimit,
    )
    .option(
      '--for <duration>',
      'watch for that long (default: until the answer is known, 80s or as long as the client)',
      parseLimit,
    )
    .option('--rate <n/s>', 'requests a second, for the estimate of how many are hit', parseRate, 100)
    .option(
      '--rtt <duration>',
      'round trip between client and server (default: measured from here)',
      parseDuration,
    )
    .option('--path <path>', 'path of the request (default: that of the URL, or /)')
    .option('--tls', 'speak TLS')
    .option(
      '--request <text>',
      'bytes that each client sends, with \\r, \\n and \\xNN escaped, or @file',
      parseRequest,
    )
    .addOption(durationOption('--answer-timeout <duration>', 'time limit for an answer', '10s'))
    .option(
      '--provoke [n]',
      'make the race happen with n requests of each client (10): on this machine only',
      parseInteger(1, 50),
    )
    .addOption(
      durationOption(
        '--hold <duration>',
        'how long the relay of --provoke holds back what it passes on',
        '25ms',
      ),
    )
    .addOption(
      new Option('--method <name>', 'method of the requests that --provoke sends at that moment')
        .choices(methods)
        .default('GET'),
    )
    .option(
      '--through <proxy>',
      "put a proxy in front: nginx, haproxy, or a command such as 'nginx -c my.conf'",
      parseProxy,
    )
    .option('--port <n>', 'port of the command (default: detected)', parsePort)
    .option('--ready <regex>', 'ready when a line of its output matches <regex>', parseReady)
    .addOption(durationOption('--timeout <duration>', 'time limit until the command listens', '30s'))
    .action(async (words: readonly string[], options: Options) => {
      const { signal } = invocation.interruption;
      const asked = question(words, invocation.args, options);
      const text = textOfDocument<IdleDocument>(idleText);
      invocation.finish(
        await withReporters('idle', options, text, (reporter) => report(asked, options, signal, reporter)),
      );
    });
  addReporterOptions(command);
}

type Question = { readonly at: string } | { readonly command: readonly string[] };

/** Words after `--` are a command; one word without it is a place. */
function question(words: readonly string[], args: readonly string[], options: Options): Question {
  const [first] = words;
  if (first === undefined)
    throw new UsageError(
      'no-place',
      'the server is missing: give a port, a URL, or -- and the command that starts it',
    );
  const isCommand = args.includes('--');
  if (isCommand && args.slice(args.indexOf('--') + 1).length === words.length) return { command: words };
  if (words.length > 1)
    throw new UsageError(
      'two-places',
      `"${words[1]}" is one word too many: give one port or URL, or -- before a command`,
    );
  // A mistake is reported before anything is started.
  parsePlace(first, placeOptions(options));
  return { at: first };
}

function placeOptions({ tls = false, path }: Options): { tls: boolean; path?: string } {
  if (path !== undefined && !/^\/[\x21-\x7e]*$/.test(path))
    throw new UsageError('bad-path', `--path: "${path}" is not a path: give one such as /health`);
  return { tls, ...(path === undefined ? {} : { path }) };
}

async function report(
  asked: Question,
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<never, IdleDocument>>,
): Promise<number> {
  const spinner = new Spinner();
  const progress: IdleOptions['progress'] = (what, endsAt) => spinner.say(withCountdown(what, endsAt));
  try {
    const result = await measured(asked, options, signal, progress);
    spinner.stop();
    const document = idleDocumentOf(result);
    const { probes, comparisons: _, ...common } = document;
    reportAtEnd(reporter, document, {
      cases: idleCases(document),
      lines: linesOf('probe', probes, { address: common.address, port: common.port }, common),
      durationMs: document.durationMs,
      summary: null,
    });
    return statusOf[document.verdict];
  } catch (error) {
    if (error instanceof CommandFailed) process.stderr.write(lastLines(error.output));
    throw error;
  } finally {
    spinner.stop();
  }
}

async function measured(
  asked: Question,
  options: Options,
  signal: AbortSignal,
  progress: IdleOptions['progress'],
): Promise<IdleResult> {
  const at = async (text: string, signal: AbortSignal) =>
    idle({
      place: refuseElsewhere(await findPlace(parsePlace(text, placeOptions(options))), options),
      client: clientOf(options),
      request: options.request ?? null,
      forMs: options.for ?? null,
      provoke: provokeOf(options),
      answerMs: options.answerTimeout,
      ratePerS: options.rate,
      rttMs: options.rtt ?? null,
      signal,
      progress,
    });
  if ('at' in asked) return at(asked.at, signal);
  const { port, ready, timeout } = options;
  return withServer(
    {
      command: { words: asked.command, folder: process.cwd(), environment: ownEnvironment(), ready },
      wanted: port === undefined ? { kind: 'any' } : { kind: 'port', port },
      ...{ pidFile: undefined, readyPath: undefined, timeoutMs: timeout, signal, progress },
      endsOf: ({ probes }) => probes.flatMap(({ local }) => local ?? []),
    },
    ({ host, port }, signal) => at(`${host.includes(':') ? `[${host}]` : host}:${port}`, signal),
  );
}

/** A race is made on purpose only where it harms nobody else. */
function refuseElsewhere(place: FoundPlace, { provoke }: Options): FoundPlace {
  if (provoke === undefined) return place;
  if (place.where === 'elsewhere')
    throw new UsageError(
      'provoke-elsewhere',
      `--provoke works on this machine alone, and ${place.address} is not one of its addresses: leave it out`,
    );
  if (place.tls === 'on')
    throw new UsageError('provoke-http', '--provoke speaks HTTP without TLS: give a URL with http');
  return place;
}

/** Of TLS the relay could not see which requests pass. */
function provokeOf({ provoke, hold, method, through, tls, request }: Options): IdleOptions['provoke'] {
  if (provoke === undefined) {
    if (through === undefined) return null;
    throw new UsageError('no-provoke', '--through puts a proxy into --provoke: give both');
  }
  if (tls || request !== undefined)
    throw new UsageError('provoke-http', '--provoke speaks HTTP without TLS: leave out --tls and --request');
  return { count: provoke === true ? 10 : provoke, method, holdMs: hold, through: through ?? null };
}

function clientOf({ client, clientIdle }: Options): IdleClient | null {
  if (client !== undefined) return idleClients[client];
  return clientIdle === undefined ? null : ownClient(clientIdle);
}
