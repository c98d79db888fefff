import type { Command } from 'commander';
import { parseDuration, parseLimit } from '../../api/duration.ts';
import { certificateOf, shareOf } from '../../api/load.ts';
import { parseRegex } from '../../api/regex.ts';
import { requestPath } from '../../api/request-path.ts';
import { parseLoad } from '../../load/spec.ts';
import { durationOption } from '../common-options.ts';
import { parseRequest } from './options.ts';

export function addLoadOptions(command: Command): Command {
  return command
    .option(
      '--load [spec]',
      'send requests during the restart, and account for each (default: new=50/s,pooled=10,idle=5, and slow=5 with --slow-path)',
      parseLoad,
    )
    .option('--path <path>', 'request this path in the load (default: /)', requestPath)
    .option(
      '--slow-path <path>',
      'request this path, which the server answers slowly, from slow clients',
      requestPath,
    )
    .option(
      '--body <text>',
      'send each request as a POST with this body, escaped as for --request',
      parseRequest,
    )
    .option(
      '--answer <regex>',
      'take an answer to --request as complete when it matches <regex>, or /<regex>/<flags>, if it is not HTTP',
      parseRegex,
    )
    .option(
      '--slow-request <text>',
      'send these bytes from slow clients, if the protocol is not HTTP',
      parseRequest,
    )
    .option('--tls', 'send the load over TLS, without verifying certificates')
    .option('--cacert <file>', "verify the server's certificate with this CA (PEM)", certificateOf)
    .addOption(durationOption('--request-timeout <duration>', 'limit the time of a request', '10s'))
    .option('--allow-loss <share>', 'allow this share of the requests to be lost, such as 0.1%', shareOf)
    .option(
      '--drain <duration>',
      'kill the server this long after the signal, as a supervisor does',
      parseLimit,
    )
    .option(
      '--pre-stop <duration>',
      'send requests for this long after the signal, and then none until the second start serves, as in a Kubernetes rollout',
      parseDuration,
    );
}
