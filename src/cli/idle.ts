import { type Command, Option } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { parseDuration, parseLimit } from '../api/duration.ts';
import { type IdleOptions, idle, placeOf } from '../api/idle.ts';
import { parseRate } from '../api/rate.ts';
import { requestPath } from '../api/request-path.ts';
import { UsageError } from '../errors.ts';
import { clientNames } from '../idle/clients.ts';
import { methods } from '../idle/provoke/clients.ts';
import { parseProxy } from '../idle/provoke/proxy.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { IdleDocument } from '../report/documents/idle.ts';
import { idleCases } from '../report/idle/cases.ts';
import { idleText } from '../report/idle/text.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, durationOption, type Given } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { withReporters } from './output.ts';
import { readyOption, requestOption, whileWaiting } from './user-command.ts';

type Options = Given<IdleOptions>;

export function define(command: Command, invocation: Invocation): void {
  command
    .optionsGroup('Client:')
    .addOption(
      new Option('--client <name>', 'compare with this client, whose idle timeout is known')
        .choices(clientNames)
        .conflicts('clientIdle'),
    )
    .option(
      '--client-idle <duration>',
      'compare with a client that keeps an idle connection this long, such as 60s',
      parseLimit,
    )
    .optionsGroup('Measurement:')
    .option(
      '--for <duration>',
      'watch for this long (default: until the answer is known, 80s or as long as the client)',
      parseLimit,
    )
    .option('--rate <n/s>', 'assume this many requests, to estimate how many are hit', parseRate, 100)
    .option(
      '--rtt <duration>',
      'assume this round trip between client and server (default: measured from here)',
      parseDuration,
    )
    .optionsGroup('Request:')
    .option('--path <path>', 'request this path (default: that of the URL, or /)', requestPath)
    .option('--tls', 'speak TLS')
    .addOption(requestOption())
    .addOption(durationOption('--answer-timeout <duration>', 'limit the time of an answer', '10s'))
    .optionsGroup('Provoke the race:')
    .option(
      '--provoke [n]',
      'make the race happen with n requests of each client (default: 10), on this machine only',
      parseInteger(1, 50),
    )
    .addOption(
      durationOption('--hold <duration>', 'delay what the relay of --provoke forwards by this time', '25ms'),
    )
    .addOption(
      new Option('--method <name>', 'send the requests of --provoke with this method')
        .choices(methods)
        .default('GET'),
    )
    .option(
      '--through <proxy>',
      "put a proxy in front: nginx, haproxy, or a command such as 'nginx -c my.conf'",
      parseProxy,
    )
    .optionsGroup('Server:')
    .option('--port <n>', 'expect the server of the command on this port (default: detected)', parsePort)
    .addOption(readyOption())
    .addOption(durationOption('--timeout <duration>', 'limit the time until the server listens', '30s'))
    .action(async (words: readonly string[], options: Options) => {
      const { signal } = invocation.interruption;
      const server = serverOf(words, invocation.args, options);
      const text = textOfDocument<IdleDocument>(idleText);
      invocation.finish(
        await withReporters('idle', options, text, (reporter) => report(server, options, signal, reporter)),
      );
    });
  addPageOptions(command);
}

type Server = string | readonly string[];

/** Words after `--` are a command; a single word without it is a port or an address. */
function serverOf(words: readonly string[], args: readonly string[], options: Options): Server {
  const [first] = words;
  if (first === undefined)
    throw new UsageError(
      'no-place',
      'the server is missing: give a port, a URL, or -- and the command that starts it',
    );
  const isCommand = args.includes('--');
  if (isCommand && args.slice(args.indexOf('--') + 1).length === words.length) return words;
  if (words.length > 1)
    throw new UsageError(
      'two-places',
      `"${words[1]}" is an unexpected argument: give one port or URL, or put -- before a command`,
    );
  // Report a mistake before anything starts.
  placeOf(first, options);
  return first;
}

async function report(
  server: Server,
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<never, IdleDocument>>,
): Promise<number> {
  const document = await whileWaiting((onEvent) =>
    idle(server, { ...options, onEvent, abortSignal: signal }),
  );
  const { probes, comparisons: _, ...common } = document;
  reportAtEnd(reporter, document, {
    cases: idleCases(document),
    lines: linesOf('probe', probes, { address: common.address, port: common.port }, common),
    durationMs: document.durationMs,
    summary: null,
  });
  return statusOf[document.verdict];
}
