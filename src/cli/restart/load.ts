import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, UsageError } from '../../errors.ts';
import type { Protocol } from '../../load/plan.ts';
import { defaultLoad, type LoadSpec, parseLoad } from '../../load/spec.ts';
import type { LoadOptions } from '../../restart/load/options.ts';
import { durationOption } from '../common-options.ts';
import { parseDuration, parseLimit } from '../duration.ts';
import { parseReady, parseRequest } from './options.ts';

/** What the command line says about the load. */
export interface GivenLoad {
  readonly load?: LoadSpec | true;
  readonly request?: Buffer;
  readonly answer?: RegExp;
  readonly slowRequest?: Buffer;
  readonly path?: string;
  readonly slowPath?: string;
  readonly body?: Buffer;
  readonly tls?: boolean;
  readonly cacert?: string;
  readonly requestTimeout: number;
  readonly allowLoss?: number;
  readonly drain?: number;
  readonly preStop?: number;
}

export function addLoadOptions(command: Command): Command {
  return command
    .option(
      '--load [spec]',
      'make requests during the restart, and account for each: new=50/s,pooled=10,idle=5,slow=5 (the default; slow with --slow-path)',
      parseLoad,
    )
    .option('--path <path>', 'what the load asks for by GET (default: /)', parsePath)
    .option('--slow-path <path>', 'what the server answers slowly, for slow clients', parsePath)
    .option('--body <text>', 'body of each request, which is a POST then: as for --request', parseRequest)
    .option('--answer <regex>', 'when an answer to --request is whole, if it is not HTTP', parseReady)
    .option('--slow-request <text>', 'what the server answers slowly, if it is not HTTP', parseRequest)
    .option('--tls', 'make the load over TLS; no certificate is verified')
    .option('--cacert <file>', 'verify that the certificate is issued by this CA (PEM)', parseCertificate)
    .addOption(durationOption('--request-timeout <duration>', 'time limit of a request', '10s'))
    .option('--allow-loss <share>', 'share of requests that may be lost, such as 0.1%', parseShare)
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

/** Without `--load` none of the others has a meaning. */
const needLoad = {
  ...{ path: '--path', slowPath: '--slow-path', body: '--body', answer: '--answer' },
  ...{ slowRequest: '--slow-request', tls: '--tls', cacert: '--cacert', allowLoss: '--allow-loss' },
  ...{ drain: '--drain', preStop: '--pre-stop' },
} as const satisfies Partial<Record<keyof GivenLoad, string>>;

/** undefined without `--load`. @throws UsageError for options that do not go together */
export function loadOf(given: GivenLoad): LoadOptions | undefined {
  if (given.load === undefined) {
    for (const [name, flag] of Object.entries(needLoad)) {
      if (given[name as keyof GivenLoad] !== undefined) throw usage(`${flag} is about the load: add --load`);
    }
    return undefined;
  }
  const protocol = protocolOf(given);
  const hasSlow = protocol.kind === 'http' ? protocol.slowPath !== null : protocol.slowRequest !== null;
  const spec = given.load === true ? defaultLoad(hasSlow ? 'known' : 'not known') : given.load;
  if (spec.slow > 0 && !hasSlow) {
    const option = protocol.kind === 'http' ? '--slow-path' : '--slow-request';
    throw usage(`slow=${spec.slow} needs a request that the server answers slowly: give one with ${option}`);
  }
  if (spec.slow === 0 && hasSlow) {
    throw usage('the load has no slow clients for the slow request: add slow=5 to --load');
  }
  if (given.cacert !== undefined && !given.tls) throw usage('--cacert is about TLS: add --tls');
  return {
    ...{ spec, protocol },
    tls: given.tls ? { ca: given.cacert ?? null } : null,
    requestTimeoutMs: Math.ceil(given.requestTimeout),
    allowedLoss: given.allowLoss ?? 0,
    drainMs: given.drain,
    preStopMs: given.preStop,
  };
}

function protocolOf({ request, answer, slowRequest, path, slowPath, body }: GivenLoad): Protocol {
  if (request === undefined) {
    if (answer !== undefined) throw usage('--answer is about --request: give that too');
    if (slowRequest !== undefined)
      throw usage('--slow-request goes with --request: give that too, or --slow-path');
    return {
      kind: 'http',
      path: path ?? '/',
      slowPath: slowPath ?? null,
      body: body?.toString('base64') ?? null,
    };
  }
  const other = { '--path': path, '--slow-path': slowPath, '--body': body };
  for (const [flag, value] of Object.entries(other)) {
    if (value !== undefined)
      throw usage(`${flag} is about HTTP, and --request makes the whole request: choose one`);
  }
  if (answer === undefined) {
    throw usage(
      'the load cannot tell when an answer to --request is whole: add --answer <regex>, or use --path for HTTP',
    );
  }
  return {
    kind: 'raw',
    request: request.toString('base64'),
    slowRequest: slowRequest?.toString('base64') ?? null,
    answer: answer.source,
    greets: 'no',
  };
}

function parsePath(text: string): string {
  // What a request line may hold (RFC 9112, section 3.2).
  if (/^\/[\x21-\x7e]*$/.test(text)) return text;
  throw usage(`"${text}" is not a path: begin with "/", and write other characters than ASCII as %NN`);
}

function parseCertificate(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw new UsageError(
      'bad-cacert',
      `"${file}" cannot be read (${messageOf(error)}): name another file`,
      error,
    );
  }
  throw new UsageError('bad-cacert', `"${file}" has no certificate in PEM: name another file`);
}

/** `0.1%` as 0.001. */
function parseShare(text: string): number {
  const [, digits = ''] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text) ?? [];
  const share = digits === '' ? Number.NaN : Number(digits) / 100;
  if (share <= 1) return share;
  throw new UsageError('bad-share', `"${text}" is not a share: give one such as 0.1%`);
}

function usage(message: string): UsageError {
  return new UsageError('bad-load', message);
}
