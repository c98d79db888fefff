import { UsageError } from '../errors.ts';
import type { Protocol } from '../load/protocol.ts';
import { checkLoad, defaultLoad, type LoadSpec, parseLoad } from '../load/spec.ts';
import { readLimited } from '../read-limited.ts';
import type { LoadOptions } from '../restart/load/options.ts';
import { reasonOf } from '../system-error.ts';
import { type Duration, limitOf, msOf } from './duration.ts';
import { regexOf } from './regex.ts';
import { requestPath } from './request-path.ts';

/** Options of the load. */
export interface GivenLoad {
  /**
   * Make requests during the restart, and account for each one: `true`, a text such as `new=50/s,pooled=10,idle=5`, or the same as an object,
   * `{ new: 50, pooled: 10, idle: 5 }`.
   */
  readonly load?: boolean | string | Partial<LoadSpec> | undefined;
  /** What each client sends. */
  readonly request?: string | Uint8Array | undefined;
  /** How to tell that an answer to `request` is complete, if it is not HTTP: a RegExp, or a text such as `^OK` or `/^ok/i`. */
  readonly answer?: RegExp | string | undefined;
  /** A request that the server answers slowly, if it is not HTTP. */
  readonly slowRequest?: string | Uint8Array | undefined;
  /** The path that the load requests with GET (default: `/`). */
  readonly path?: string | undefined;
  /** A path that the server answers slowly, for slow clients. */
  readonly slowPath?: string | undefined;
  /** The body of each request; the method is then POST. */
  readonly body?: string | Uint8Array | undefined;
  /** Send the load over TLS; without `cacert` no certificate is verified. */
  readonly tls?: boolean | undefined;
  /** Verify that the certificate is issued by this CA: a PEM file, or its text. */
  readonly cacert?: string | undefined;
  /** Time limit of a request (default: 10 s). */
  readonly requestTimeout?: Duration | undefined;
  /** The share of requests that may be lost: 0.001, or a text such as `0.1%` (default: 0). */
  readonly allowLoss?: number | string | undefined;
  /** Kill the server this long after the signal, as a supervisor does. */
  readonly drain?: Duration | undefined;
  /** Keep sending requests for this long after the signal, then none until the second start serves. */
  readonly preStop?: Duration | undefined;
}

/** Without `--load` the other options mean nothing. */
const needLoad = {
  ...{ path: '--path', slowPath: '--slow-path', body: '--body', answer: '--answer' },
  ...{ slowRequest: '--slow-request', tls: '--tls', cacert: '--cacert', allowLoss: '--allow-loss' },
  ...{ drain: '--drain', preStop: '--pre-stop' },
} as const satisfies Partial<Record<keyof GivenLoad, string>>;

/**
 * undefined without `--load`.
 * @throws UsageError for options that exclude each other
 * @internal
 */
export function loadOf(given: GivenLoad): LoadOptions | undefined {
  if (given.load === undefined || given.load === false) {
    for (const [name, flag] of Object.entries(needLoad)) {
      if (given[name as keyof GivenLoad] !== undefined) throw usage(`${flag} is about the load: add --load`);
    }
    return undefined;
  }
  const protocol = protocolOf(given);
  const hasSlow = protocol.kind === 'http' ? protocol.slowPath !== null : protocol.slowRequest !== null;
  const spec = specOf(given.load, hasSlow);
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
    tls: given.tls ? { ca: given.cacert === undefined ? null : certificateOf(given.cacert) } : null,
    requestTimeoutMs: Math.ceil(limitOf(given.requestTimeout ?? '10s')),
    allowedLoss: given.allowLoss === undefined ? 0 : shareOf(given.allowLoss),
    drainMs: given.drain === undefined ? undefined : limitOf(given.drain),
    preStopMs: given.preStop === undefined ? undefined : msOf(given.preStop),
  };
}

function specOf(load: true | string | Partial<LoadSpec>, hasSlow: boolean): LoadSpec {
  if (load === true) return defaultLoad(hasSlow ? 'known' : 'not known');
  return typeof load === 'string' ? parseLoad(load) : checkLoad(load);
}

/** How long a server may take to exit: it may keep serving during `preStop`, and `drain` has ended before. */
export function stopTimeoutUnder(load: LoadOptions | undefined, stopTimeoutMs: number): number {
  const { preStopMs = 0, drainMs } = load ?? {};
  return Math.max(stopTimeoutMs + preStopMs, drainMs === undefined ? 0 : drainMs + afterKillMs);
}

/** How long a server may take to end after SIGKILL. */
const afterKillMs = 5000;

function protocolOf({ request, answer, slowRequest, path, slowPath, body }: GivenLoad): Protocol {
  if (request === undefined) {
    if (answer !== undefined) throw usage('--answer is about --request: give that too');
    if (slowRequest !== undefined)
      throw usage('--slow-request goes with --request: give that too, or --slow-path');
    return {
      kind: 'http',
      path: requestPath(path ?? '/'),
      slowPath: slowPath === undefined ? null : requestPath(slowPath),
      body: body === undefined ? null : base64(body),
    };
  }
  const other = { '--path': path, '--slow-path': slowPath, '--body': body };
  for (const [flag, value] of Object.entries(other)) {
    if (value !== undefined)
      throw usage(`${flag} is about HTTP, and --request makes the whole request: choose one`);
  }
  if (answer === undefined) {
    throw usage(
      'the load cannot tell when an answer to --request is complete: add --answer <regex>, or use --path for HTTP',
    );
  }
  const { source, flags } = regexOf(answer);
  return {
    kind: 'raw',
    request: base64(request),
    slowRequest: slowRequest === undefined ? null : base64(slowRequest),
    answer: { source, flags },
    greets: 'no',
  };
}

function base64(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

const mostOfCertificates = 16 * 1024 * 1024;
const begin = '-----BEGIN CERTIFICATE-----';

export function certificateOf(file: string): string {
  if (file.includes(begin)) return file;
  try {
    const text = readLimited(file, mostOfCertificates).toString();
    if (text.includes(begin)) return text;
  } catch (error) {
    throw new UsageError(
      'bad-cacert',
      `"${file}" cannot be read (${reasonOf(error)}): name another file`,
      error,
    );
  }
  throw new UsageError('bad-cacert', `"${file}" has no certificate in PEM: name another file`);
}

/** `0.1%` as 0.001. */
export function shareOf(share: number | string): number {
  const [, digits = ''] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(String(share)) ?? [];
  const number = typeof share === 'number' ? share : digits === '' ? Number.NaN : Number(digits) / 100;
  if (number >= 0 && number <= 1) return number;
  throw new UsageError('bad-share', `"${share}" is not a share: give one such as 0.1%`);
}

function usage(message: string): UsageError {
  return new UsageError('bad-load', message);
}
