import { type Command, Option } from 'commander';
import { harmless } from '../foreign.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { type RestartDocument, restartDocumentOf } from '../report/documents/restart.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { restartCases } from '../report/restart/cases.ts';
import { restartText } from '../report/restart/text.ts';
import { Spinner } from '../report/spinner.ts';
import { CommandFailed } from '../restart/early-end.ts';
import { restartTrials } from '../restart/restart.ts';
import type { Wanted } from '../restart/server-options.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './commands.ts';
import { addReporterOptions, durationOption } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { parsePort } from './network-options.ts';
import { type OutputOptions, withReporters } from './output.ts';
import { addLoadOptions, type GivenLoad, loadOf } from './restart/load.ts';
import {
  addVariable,
  parseAnySignal,
  parseFolder,
  parseOrder,
  parseReady,
  parseRequest,
  trialsOf,
} from './restart/options.ts';
import { lastLines, ownEnvironment, withCountdown } from './user-command.ts';

interface Options extends OutputOptions, GivenLoad {
  readonly port?: number;
  readonly socket?: string;
  readonly pidFile?: string;
  readonly clients?: number;
  readonly clientsStay?: boolean;
  readonly clientsClose?: boolean;
  readonly order: ReturnType<typeof parseOrder>;
  readonly signal: NodeJS.Signals;
  readonly all?: boolean;
  readonly rounds: number;
  readonly untilRecovered?: boolean;
  readonly ready?: RegExp;
  readonly readyHttp?: string;
  readonly watch: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly stopTimeout: number;
  readonly settle: number;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .option('--port <n>', 'port of the server (default: detected)', parsePort)
    .addOption(new Option('--socket <path>', 'Unix socket of the server').conflicts('port'))
    .option('--clients <n>', 'number of clients (default: 1, or 0 with --load)', parseInteger(0, 1000))
    .option('--clients-stay', 'keep the clients connected over the restart (the default)')
    .addOption(
      new Option('--clients-close', 'close the clients when the server is gone').conflicts('clientsStay'),
    )
    .addOption(
      new Option('--order <which>', 'which side closes first: server-first, client-first or both')
        .argParser(parseOrder)
        .default(parseOrder('server-first'), 'server-first'),
    )
    .option(
      '--request <text>',
      'bytes that each client sends, with \\r, \\n and \\xNN escaped, or @file',
      parseRequest,
    )
    .option('--signal <name>', 'signal that stops the server', parseAnySignal, 'SIGTERM')
    .option('--all', 'try TERM and KILL, with clients that stay and that close')
    .option('--rounds <n>', 'number of rounds', parseInteger(1, 1000), 1)
    .option('--until-recovered', 'start it until it listens again, to measure the whole outage')
    .option('--ready <regex>', 'ready when a line of its output matches <regex>', parseReady)
    .option('--ready-http <path>', 'ready when GET <path> is answered')
    .option('--no-watch', 'do not watch the bind() and listen() calls of the server')
    .option('--pid-file <file>', 'file with the pid of a server that goes into the background')
    .option('--cwd <folder>', 'folder to start it in (default: the current one)', parseFolder)
    .option('--env <name=value>', 'environment variable of the server (repeatable)', addVariable)
    .addOption(durationOption('--timeout <duration>', 'time limit until it listens', '30s'))
    .addOption(durationOption('--stop-timeout <duration>', 'time limit until it exits', '10s'))
    .addOption(
      durationOption(
        '--settle <duration>',
        'how long the second start has to stay after it served a client',
        '1s',
      ),
    )
    .action(async (words: readonly string[], options: Options) => {
      const { signal } = invocation.interruption;
      const text = textOfDocument(restartText);
      invocation.finish(
        await withReporters('restart', options, text, (reporter) =>
          restart(words, options, signal, reporter),
        ),
      );
    });
  addLoadOptions(command);
  addReporterOptions(command);
}

async function restart(
  words: readonly string[],
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<never, RestartDocument>>,
): Promise<number> {
  const load = loadOf(options);
  const spinner = new Spinner();
  try {
    const results = await restartTrials({
      command: {
        words,
        folder: options.cwd ?? process.cwd(),
        environment: { ...ownEnvironment(), ...options.env },
        ready: options.ready,
      },
      wanted: wantedOf(options),
      pidFile: options.pidFile,
      readyPath: options.readyHttp,
      clients: options.clients ?? (load === undefined ? 1 : 0),
      load,
      request: options.request,
      rounds: options.rounds,
      until: options.untilRecovered ? 'recovered' : 'first failure',
      timeoutMs: options.timeout,
      stopTimeoutMs: options.stopTimeout,
      settleMs: options.settle,
      trials: trialsOf(options),
      watch: options.watch ? { watch: 'calls' } : { watch: 'not', reason: 'turned off by --no-watch' },
      signal,
      progress: (what, endsAt) => spinner.say(withCountdown(what, endsAt)),
    });
    spinner.stop();
    const document = restartDocumentOf(words, results);
    const { runs, verdict, ...common } = document;
    reportAtEnd(reporter, document, {
      cases: restartCases(document),
      lines: linesOf('run', runs, common, { verdict }),
      durationMs: runs.reduce((total, { durationMs }) => total + durationMs, 0),
      summary: null,
    });
    return statusOf[verdict];
  } catch (error) {
    if (error instanceof CommandFailed) process.stderr.write(lastLines(error.output));
    throw error;
  } finally {
    spinner.stop();
  }
}

function wantedOf({ port, socket }: Options): Wanted {
  if (port !== undefined) return { kind: 'port', port };
  return socket === undefined ? { kind: 'any' } : { kind: 'path', path: harmless(socket) };
}
