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
      'make requests during the restart, and account for each: new=50/s, pooled=10, idle=5, slow=5, written without blanks (the default; slow with --slow-path)',
      parseLoad,
    )
    .option('--path <path>', 'what the load asks for by GET (default: /)', requestPath)
    .option('--slow-path <path>', 'what the server answers slowly, for slow clients', requestPath)
    .option('--body <text>', 'body of each request, which is a POST then: as for --request', parseRequest)
    .option('--answer <regex>', 'when an answer to --request is whole, if it is not HTTP', parseRegex)
    .option('--slow-request <text>', 'what the server answers slowly, if it is not HTTP', parseRequest)
    .option('--tls', 'make the load over TLS; no certificate is verified')
    .option('--cacert <file>', 'verify that the certificate is issued by this CA (PEM)', certificateOf)
    .addOption(durationOption('--request-timeout <duration>', 'time limit of a request', '10s'))
    .option('--allow-loss <share>', 'share of requests that may be lost, such as 0.1%', shareOf)
    .option(
      '--drain <duration>',
      'kill the server that long after the signal, as a supervisor does',
      parseLimit,
    )
    .option(
      '--pre-stop <duration>',
      'send requests for that long after the signal, and then none until the second start serves, as a rollout of Kubernetes does',
      parseDuration,
    );
}
