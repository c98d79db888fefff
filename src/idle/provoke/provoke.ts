import { setMaxListeners } from 'node:events';
import type { Harmless } from '../../foreign.ts';
import { unlessAborted, within } from '../../time.ts';
import { after, type Waiting } from '../../waiting.ts';
import type { FoundPlace } from '../place.ts';
import {
  type Method,
  newConnections,
  nodeAgent,
  nodeFetch,
  type PooledClient,
  type Result,
} from './clients.ts';
import { curl, hasCurl } from './curl.ts';
import { withProxy } from './proxy.ts';
import { Relay } from './relay.ts';

export interface ProvokeOptions {
  readonly place: FoundPlace;
  /** Requests per client. */
  readonly count: number;
  readonly method: Method;
  /** How long the relay delays what it forwards, in each direction. */
  readonly holdMs: number;
  /** The words of a proxy between the clients and the relay; null if there is none. */
  readonly through: readonly string[] | null;
  /** When the server closes an idle connection. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly progress: Waiting;
}

/** The results of requests that were sent while the server's FIN was on its way. */
export interface Provoked {
  readonly client: string;
  readonly holdMs: number;
  /** The number of requests sent in that moment. */
  readonly sent: number;
  /** Requests that were sent on another connection, so nothing happened. */
  readonly elsewhere: number;
  /** Requests that met the closed connection, and were answered after the client or the proxy sent them again. */
  readonly repeated: number;
  /** Requests that met it and failed. */
  readonly lost: number;
  /** Requests that met it, and for which the proxy answered 502, 503 or 504. */
  readonly badGateway: number;
  /** Cases in which the client closed its connection before the server did: there was no race. */
  readonly gaveUpFirst: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** How long an answer may take on a busy machine. */
const patienceMs = 20_000;

/** Makes the race happen with real clients, all side by side, and counts its cost. */
export async function provoke(options: ProvokeOptions): Promise<Provoked[]> {
  const { count, idleMs, method, progress, signal, through } = options;
  // Each request adds a listener.
  setMaxListeners(0, signal);
  const curls = await hasCurl(signal);
  progress('making the race happen', after(idleMs));
  const samples = (client: () => PooledClient) =>
    Promise.all(Array.from({ length: count }, () => sample(client(), options)));
  const [agent, fetched, curled, proxied] = await Promise.all([
    samples(nodeAgent),
    samples(nodeFetch),
    curls ? samples(() => curl(method)) : null,
    through === null ? null : throughProxy(through, options),
  ]);
  return [
    tally(nodeAgent().name, agent, options),
    tally(nodeFetch().name, fetched, options),
    ...(curled === null ? [] : [tally(curl(method).name, curled, options)]),
    ...(proxied === null ? [] : [tally(through?.[0] ?? '', proxied, options)]),
  ];
}

type Sample =
  | { readonly state: 'gave up first' }
  | { readonly state: 'sent'; readonly met: 'yes' | 'no'; readonly times: number; readonly result: Result };

/** One connection through one relay: the second request is sent as soon as the server's FIN has reached the relay, which delays it. */
async function sample(client: PooledClient, options: ProvokeOptions): Promise<Sample> {
  const { place, holdMs, idleMs, signal } = options;
  const relay = await Relay.open(place, holdMs);
  const url = `http://127.0.0.1:${relay.port}${place.path}`;
  try {
    const ended = new Promise<'server' | 'client'>((resolve) => {
      relay.onServerEnd = () => resolve('server');
      relay.onClientEnd = () => resolve('client');
    });
    await client.send('GET', url, 'first', signal);
    const late = () => new Error();
    const first = await within(idleMs + patienceMs, unlessAborted(signal, ended), late).catch(() => {
      signal.throwIfAborted();
      return 'client' as const;
    });
    if (first === 'client') return { state: 'gave up first' };
    const result = await client.send(options.method, url, 'second', signal);
    const connections = relay.passed
      .filter(({ request }) => request === 'second')
      .map(({ connection }) => connection);
    return { state: 'sent', met: connections.includes(0) ? 'yes' : 'no', times: connections.length, result };
  } finally {
    client.close();
    relay.close();
  }
}

/** The proxy pools its connections to the relay: for each one that the server closes, a request goes to the proxy. */
async function throughProxy(words: readonly string[], options: ProvokeOptions): Promise<Sample[]> {
  const { place, holdMs, idleMs, count, method, signal, progress } = options;
  const relay = await Relay.open(place, holdMs);
  const client = newConnections();
  try {
    return await withProxy(words, relay.port, { signal, progress }, async (port) => {
      const url = `http://127.0.0.1:${port}${place.path}`;
      const closed = new Set<number>();
      const results: Promise<Sample>[] = [];
      let onAll = () => {};
      const all = new Promise<void>((resolve) => {
        onAll = resolve;
      });
      const opened = { count: Number.POSITIVE_INFINITY };
      const end = (connection: number, send: () => void) => {
        if (connection >= opened.count || closed.has(connection)) return;
        closed.add(connection);
        send();
        if (closed.size === opened.count) onAll();
      };
      relay.onServerEnd = (connection) =>
        end(connection, () =>
          results.push(proxied(client, relay, method, url, `second-${connection}`, closed, signal)),
        );
      relay.onClientEnd = (connection) =>
        end(connection, () => results.push(Promise.resolve({ state: 'gave up first' })));
      await Promise.all(
        Array.from({ length: count }, (_, i) => client.send('GET', url, `first-${i}`, signal)),
      );
      opened.count = relay.connections;
      if (closed.size === opened.count) onAll();
      await within(idleMs + patienceMs, unlessAborted(signal, all), () => new Error()).catch(() =>
        signal.throwIfAborted(),
      );
      return await Promise.all(results);
    });
  } finally {
    relay.close();
  }
}

async function proxied(
  client: PooledClient,
  relay: Relay,
  method: Method,
  url: string,
  number: string,
  closed: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Sample> {
  const result = await client.send(method, url, number, signal);
  const passages = relay.passed.filter(({ request }) => request === number);
  const met = passages.some(({ connection }) => closed.has(connection));
  return { state: 'sent', met: met ? 'yes' : 'no', times: passages.length, result };
}

function tally(client: string, samples: readonly Sample[], { holdMs }: ProvokeOptions): Provoked {
  const sent = samples.flatMap((sample) => (sample.state === 'sent' ? sample : []));
  const isBad = ({ result }: (typeof sent)[number]) =>
    result.state === 'answered' && [502, 503, 504].includes(result.status);
  const met = sent.filter((sample) => sample.met === 'yes');
  const failed = met.flatMap(({ result }) => (result.state === 'failed' ? result.error : []));
  const errors: Record<Harmless, number> = {};
  for (const error of failed) errors[error] = (errors[error] ?? 0) + 1;
  return {
    client,
    holdMs,
    sent: sent.length,
    elsewhere: sent.length - met.length,
    lost: failed.length,
    errors,
    repeated: met.filter((sample) => sample.result.state === 'answered' && !isBad(sample)).length,
    badGateway: met.filter(isBad).length,
    gaveUpFirst: samples.length - sent.length,
  };
}
