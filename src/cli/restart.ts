import { type Command, Option } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { parseRegex } from '../api/regex.ts';
import {
  folderOf,
  type RestartEvent,
  type RestartOptions,
  restart as restartCommand,
} from '../api/restart.ts';
import { anySignal, orderOf } from '../api/trials.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { RestartDocument } from '../report/documents/restart.ts';
import { Progress } from '../report/progress.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { restartCases } from '../report/restart/cases.ts';
import { restartText } from '../report/restart/text.ts';
import { CommandFailed } from '../restart/early-end.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, durationOption } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';
import { addLoadOptions } from './restart/load.ts';
import { addVariable, parseRequest } from './restart/options.ts';
import { addReloadOptions } from './restart/reload.ts';
import { addUnitOptions } from './restart/unit.ts';
import { lastLines, sayWaiting } from './user-command.ts';

/** Those of the API, as commander has parsed them. */
interface Options extends OutputOptions, Omit<RestartOptions, 'onEvent' | 'abortSignal'> {
  readonly clientsStay?: boolean;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .optionsGroup('Server:')
    .option('--port <n>', 'port of the server (default: detected)', parsePort)
    .addOption(new Option('--socket <path>', 'Unix socket of the server').conflicts('port'))
    .optionsGroup('Clients:')
    .option('--clients <n>', 'number of clients (default: 1, or 0 with --load)', parseInteger(0, 1000))
    .option('--clients-stay', 'keep the clients connected over the restart (the default)')
    .addOption(
      new Option('--clients-close', 'close the clients when the server is gone').conflicts('clientsStay'),
    )
    .addOption(
      new Option('--order <which>', 'which side closes first: server-first, client-first or both')
        .argParser(orderOf)
        .default('server-first'),
    )
    .option(
      '--request <text>',
      'bytes that each client sends, with \\r, \\n and \\xNN escaped, or @file',
      parseRequest,
    )
    .optionsGroup('Restart:')
    .option('--signal <name>', 'signal that stops the server', anySignal, 'SIGTERM')
    .option('--all', 'try TERM and KILL, with clients that stay and that close')
    .option('--rounds <n>', 'number of rounds', parseInteger(1, 1000), 1)
    .option('--until-recovered', 'start it again and again until it listens, to measure the whole outage')
    .optionsGroup('Server:')
    .option('--ready <regex>', 'ready when a line of its output matches <regex>', parseRegex)
    .option('--ready-http <path>', 'ready when GET <path> is answered')
    .option('--no-watch', 'do not watch the bind() and listen() calls of the server')
    .option('--pid-file <file>', 'file with the pid of a server that goes into the background')
    .option('--cwd <folder>', 'folder to start it in (default: the current one)', folderOf)
    .option('--env <name=value>', 'environment variable of the server (repeatable)', addVariable)
    .optionsGroup('Time limits:')
    .addOption(durationOption('--timeout <duration>', 'time limit until it listens', '30s'))
    .addOption(durationOption('--stop-timeout <duration>', 'time limit until it exits', '10s'))
    .addOption(
      durationOption(
        '--settle <duration>',
        'how long the second start must stay up after serving a client',
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
  addLoadOptions(command.optionsGroup('Load:'));
  addReloadOptions(command.optionsGroup('Reload:'));
  addUnitOptions(command.optionsGroup('Unit:'));
  addPageOptions(command);
}

async function restart(
  words: readonly string[],
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<never, RestartDocument>>,
): Promise<number> {
  const progress = new Progress();
  try {
    const onEvent = (event: RestartEvent) => sayWaiting(progress, event);
    const document = await restartCommand(words, { ...options, onEvent, abortSignal: signal });
    progress.stop();
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
    progress.stop();
  }
}
