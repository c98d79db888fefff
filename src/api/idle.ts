import { formatEndpoint } from '../address.ts';
import { UsageError } from '../errors.ts';
import { type ClientName, clientNames, type IdleClient, idleClients, ownClient } from '../idle/clients.ts';
import { withServer } from '../idle/command.ts';
import { type IdleResult, idle as measure } from '../idle/idle.ts';
import { type FoundPlace, findPlace, type Place, parsePlace } from '../idle/place.ts';
import { type Method, methods } from '../idle/provoke/clients.ts';
import { parseProxy } from '../idle/provoke/proxy.ts';
import { type IdleDocument, idleDocumentOf } from '../report/documents/idle.ts';
import { parseInteger } from '../scenario/parameters.ts';
import { parsePort } from './addresses.ts';
import { ownEnvironment, requireCommand } from './command.ts';
import { type Duration, limitOf, msOf } from './duration.ts';
import { type Following, requireLinux, signalOf } from './following.ts';
import { oneOf } from './one-of.ts';
import { parseRate } from './rate.ts';
import { regexOf } from './regex.ts';
import { requestPath } from './request-path.ts';
import type { RestartOptions } from './restart.ts';
import { type WaitingEvent, waitingEvents } from './waiting.ts';

export interface IdleOptions
  extends Following<WaitingEvent>,
    Pick<RestartOptions, 'port' | 'ready' | 'timeout'> {
  /** The client to compare with: its idle timeout is known. */
  readonly client?: ClientName | undefined;
  /** How long the client keeps an idle connection. */
  readonly clientIdle?: Duration | undefined;
  /** Watch for this long (default: until the answer is known, 80 s, or as long as the client waits). */
  readonly for?: Duration | undefined;
  /** Requests a second, for the estimate of how many are hit, or a text such as `6000/min` (default: 100). */
  readonly rate?: number | string | undefined;
  /** The round trip between client and server (default: measured from this machine). */
  readonly rtt?: Duration | undefined;
  /** The path of the request (default: the path of the URL, or `/`). */
  readonly path?: string | undefined;
  /** Speak TLS. */
  readonly tls?: boolean | undefined;
  /** What each client sends (default: GET of the path). */
  readonly request?: string | Uint8Array | undefined;
  /** Time limit for an answer (default: 10 s). */
  readonly answerTimeout?: Duration | undefined;
  /** Make the race happen with this many requests of each client, or `true` for 10: only on this machine. */
  readonly provoke?: number | boolean | undefined;
  /** How long the relay of `provoke` delays what it forwards (default: 25 ms). */
  readonly hold?: Duration | undefined;
  /** The method of the requests that `provoke` sends at that moment (default: `GET`). */
  readonly method?: Method | undefined;
  /** Put a proxy in front: `nginx`, `haproxy`, or the words of a command. */
  readonly through?: string | readonly string[] | undefined;
}

export async function idle(
  server: number | string | readonly string[],
  options: IdleOptions = {},
): Promise<IdleDocument> {
  requireLinux();
  const signal = signalOf(options);
  if (typeof server === 'object' && server !== null) {
    requireCommand(server, 'give one, such as node server.js');
    return idleDocumentOf(await measureCommand(server, options, signal));
  }
  return idleDocumentOf(await measureAt(placeOf(server, options), options, signal));
}

/**
 * Where requests are sent.
 * @throws UsageError
 */
export function placeOf(server: number | string, { tls = false, path }: IdleOptions): Place {
  return parsePlace(String(server), { tls, ...(path === undefined ? {} : { path: requestPath(path) }) });
}

async function measureAt(place: Place, options: IdleOptions, signal: AbortSignal): Promise<IdleResult> {
  const { request, rtt, rate = 100, answerTimeout = '10s', onEvent } = options;
  return measure({
    place: refuseElsewhere(await findPlace(place), options),
    client: clientOf(options),
    request: request === undefined ? null : Buffer.from(request),
    forMs: options.for === undefined ? null : limitOf(options.for),
    provoke: provokeOf(options),
    answerMs: limitOf(answerTimeout),
    ratePerS: parseRate(String(rate)),
    rttMs: rtt === undefined ? null : msOf(rtt),
    signal,
    progress: waitingEvents(onEvent),
  });
}

function measureCommand(
  words: readonly string[],
  options: IdleOptions,
  signal: AbortSignal,
): Promise<IdleResult> {
  const { port, ready, timeout = '30s', onEvent } = options;
  return withServer(
    {
      command: {
        words,
        folder: process.cwd(),
        environment: ownEnvironment(),
        ready: ready === undefined ? undefined : regexOf(ready),
      },
      wanted: port === undefined ? { kind: 'any' } : { kind: 'port', port: parsePort(String(port)) },
      ...{ pidFile: undefined, readyPath: undefined, timeoutMs: limitOf(timeout), signal },
      progress: waitingEvents(onEvent),
      endsOf: ({ probes }) => probes.flatMap(({ local }) => local ?? []),
    },
    ({ host, port }, signal) => {
      const at = formatEndpoint({ address: host, port });
      return measureAt(placeOf(at, options), options, signal);
    },
  );
}

/** A race is provoked only if it affects no other client. */
function refuseElsewhere(place: FoundPlace, { provoke }: IdleOptions): FoundPlace {
  if (provoke === undefined || provoke === false) return place;
  if (place.where === 'elsewhere')
    throw new UsageError(
      'provoke-elsewhere',
      `--provoke works only on this machine, and ${place.address} is not one of its addresses: leave out --provoke`,
    );
  if (place.tls === 'on')
    throw new UsageError('provoke-http', '--provoke speaks HTTP without TLS: give a URL with http');
  return place;
}

/** The relay cannot see which requests of TLS pass. */
function provokeOf(options: IdleOptions): Parameters<typeof measure>[0]['provoke'] {
  const { provoke, hold = 25, method = 'GET', through, tls, request } = options;
  if (provoke === undefined || provoke === false) {
    if (through === undefined) return null;
    throw new UsageError('no-provoke', '--through needs --provoke: give both');
  }
  if (tls || request !== undefined)
    throw new UsageError('provoke-http', '--provoke speaks HTTP without TLS: leave out --tls and --request');
  return {
    method: oneOf(methods, method, 'method'),
    count: provoke === true ? 10 : parseInteger(1, 50)(String(provoke)),
    holdMs: limitOf(hold),
    through: typeof through === 'string' ? parseProxy(through) : (through ?? null),
  };
}

function clientOf({ client, clientIdle }: IdleOptions): IdleClient | null {
  if (client === undefined) return clientIdle === undefined ? null : ownClient(limitOf(clientIdle));
  return idleClients[oneOf(clientNames, client, 'client')];
}
