import { type Command, Option } from 'commander';
import { restartTrials } from '../restart/restart.ts';
import { CommandFailed } from '../restart/server.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './commands.ts';
import { parseDuration } from './duration.ts';
import { exitStatus } from './exit-status.ts';
import { parsePort } from './network-options.ts';
import { Progress } from './progress.ts';
import { restartDocument, verdictOf } from './restart/document.ts';
import {
  addVariable,
  parseAnySignal,
  parseFolder,
  parseOrder,
  parseReady,
  parseRequest,
  trialsOf,
} from './restart/options.ts';
import { addReporter, openRestartReporters, type RestartReporterChoice } from './restart/reporters.ts';

interface Options {
  readonly port?: number;
  readonly pidFile?: string;
  readonly clients: number;
  readonly clientsStay?: boolean;
  readonly clientsClose?: boolean;
  readonly order: ReturnType<typeof parseOrder>;
  readonly request?: string;
  readonly signal: NodeJS.Signals;
  readonly all?: boolean;
  readonly rounds: number;
  readonly untilRecovered?: boolean;
  readonly ready?: RegExp;
  readonly readyHttp?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly stopTimeout: number;
  readonly json?: boolean;
  readonly reporter?: readonly RestartReporterChoice[];
  readonly color: boolean;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .usage('[options] -- <command...>')
    .option('--port <n>', 'where it listens (default: found out)', parsePort)
    .option('--clients <n>', 'how many clients connect', parseInteger(0, 1000), 1)
    .option('--clients-stay', 'they stay connected over the restart (the default)')
    .addOption(new Option('--clients-close', 'they close when the server is gone').conflicts('clientsStay'))
    .addOption(
      new Option('--order <which>', 'who closes first: server-first, client-first or both')
        .argParser(parseOrder)
        .default(parseOrder('server-first'), 'server-first'),
    )
    .option('--request <text>', 'what each client sends, \\r and \\n escaped, or @file', parseRequest)
    .option('--signal <name>', 'what the server is stopped by', parseAnySignal, 'SIGTERM')
    .option('--all', 'TERM and KILL, with clients that stay and that close')
    .option('--rounds <n>', 'how often', parseInteger(1, 1000), 1)
    .option('--until-recovered', 'start it until it listens again, to learn the real outage')
    .option('--ready <regex>', 'a line of its output matches that when it is ready', parseReady)
    .option('--ready-http <path>', 'it answers a GET of that when it is ready')
    .option('--pid-file <file>', 'of a server that goes into the background')
    .option('--cwd <folder>', 'where it is started (default: here)', parseFolder)
    .option('--env <name=value>', 'a variable of its environment, repeatable', addVariable)
    .addOption(span('--timeout <time>', 'how long it may take to listen', '30s'))
    .addOption(span('--stop-timeout <time>', 'how long it may take to exit', '10s'))
    .option('--json', 'print one JSON document')
    .option('--reporter <name[:file]>', 'text, json, junit or github, repeatable', addReporter)
    .option('--no-color', 'no colours')
    .action(async (words: readonly string[], options: Options) => {
      invocation.finish(await restart(words, options, invocation));
    });
}

function span(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(fallback), fallback);
}

async function restart(
  words: readonly string[],
  options: Options,
  { interruption }: Invocation,
): Promise<number> {
  const write = await openRestartReporters(options.reporter ?? [], options);
  const progress = new Progress();
  try {
    const results = await restartTrials({
      command: {
        words,
        folder: options.cwd ?? process.cwd(),
        environment: { ...environment(), ...options.env },
        ready: options.ready,
      },
      port: options.port,
      pidFile: options.pidFile,
      readyPath: options.readyHttp,
      clients: options.clients,
      request: options.request,
      rounds: options.rounds,
      until: options.untilRecovered ? 'recovered' : 'first failure',
      timeoutMs: options.timeout,
      stopTimeoutMs: options.stopTimeout,
      trials: trialsOf(options),
      signal: interruption.signal,
      progress: (what, endsAt) => progress.show(withCountdown(what, endsAt)),
    });
    progress.end();
    write(restartDocument(words, results));
    return statusOf[verdictOf(results)];
  } catch (error) {
    if (error instanceof CommandFailed) process.stderr.write(lastLines(error.output));
    throw error;
  } finally {
    progress.end();
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function withCountdown(what: string, endsAt: number | undefined): string {
  if (endsAt === undefined) return what;
  const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  return seconds === 0 ? what : `${what}: ${seconds} s left`;
}

const keptLines = 20;

function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}

const statusOf = {
  survives: exitStatus.asExpected,
  fails: exitStatus.contradicted,
  'not decided': exitStatus.couldNotRun,
} as const;
