import { type Command, Option } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { folderOf, type RestartOptions, restart as restartCommand } from '../api/restart.ts';
import { anySignal, orderOf } from '../api/trials.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { RestartDocument } from '../report/documents/restart.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { restartCases } from '../report/restart/cases.ts';
import { restartText } from '../report/restart/text.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, durationOption, type Given } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { withReporters } from './output.ts';
import { addLoadOptions } from './restart/load.ts';
import { addVariable } from './restart/options.ts';
import { addReloadOptions } from './restart/reload.ts';
import { readyOption, requestOption, whileWaiting } from './user-command.ts';

type Options = Given<RestartOptions>;

export function define(command: Command, invocation: Invocation): void {
  command
    .optionsGroup('Server:')
    .option('--port <n>', 'expect the server on this port (default: detected)', parsePort)
    .addOption(new Option('--socket <path>', 'expect the server on this Unix socket').conflicts('port'))
    .optionsGroup('Clients:')
    .option('--clients <n>', 'connect n clients (default: 1, or 0 with --load)', parseInteger(0, 1000))
    .option('--clients-stay', 'keep the clients connected across the restart (the default)')
    .addOption(
      new Option('--clients-close', 'close the clients when the server is gone').conflicts('clientsStay'),
    )
    .addOption(
      new Option('--order <which>', 'choose which side closes first: server-first, client-first or both')
        .argParser(orderOf)
        .default('server-first'),
    )
    .addOption(requestOption())
    .optionsGroup('Restart:')
    .option('--signal <name>', 'stop the server with this signal', anySignal, 'SIGTERM')
    .option('--all', 'try TERM and KILL, each with clients that stay and with clients that close')
    .option('--rounds <n>', 'run n rounds', parseInteger(1, 1000), 1)
    .option(
      '--until-recovered',
      'start the server again and again until it listens, to measure the whole outage',
    )
    .optionsGroup('Server:')
    .addOption(readyOption())
    .option('--ready-http <path>', 'wait until the server answers GET <path>')
    .option('--no-watch', 'do not watch the bind() and listen() calls of the server')
    .option('--pid-file <file>', 'read the pid of a server that goes into the background from this file')
    .option('--cwd <folder>', 'start the server in this folder (default: the current one)', folderOf)
    .option('--env <name=value>', 'set an environment variable of the server (repeatable)', addVariable)
    .optionsGroup('Time limits:')
    .addOption(durationOption('--timeout <duration>', 'limit the time until the server listens', '30s'))
    .addOption(durationOption('--stop-timeout <duration>', 'limit the time until the server exits', '10s'))
    .addOption(
      durationOption(
        '--settle <duration>',
        'require the second start to stay up this long after it served a client',
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
  command
    .optionsGroup('Unit:')
    .option(
      '--unit <name>',
      'restart this systemd service, such as web.service, instead of a command; it is never left stopped',
    )
    .option('--user', 'use your own systemd instance, as systemctl --user does');
  addPageOptions(command);
}

async function restart(
  words: readonly string[],
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<never, RestartDocument>>,
): Promise<number> {
  const document = await whileWaiting((onEvent) =>
    restartCommand(words, { ...options, onEvent, abortSignal: signal }),
  );
  const { runs, verdict, ...common } = document;
  reportAtEnd(reporter, document, {
    cases: restartCases(document),
    lines: linesOf('run', runs, common, { verdict }),
    durationMs: runs.reduce((total, { durationMs }) => total + durationMs, 0),
    summary: null,
  });
  return statusOf[verdict];
}
