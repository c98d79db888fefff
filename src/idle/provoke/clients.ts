import { Agent, request as startRequest } from 'node:http';
import { type Harmless, harmless } from '../../foreign.ts';
import { requestField } from './relay.ts';

export const methods = ['GET', 'HEAD', 'POST'] as const;
export type Method = (typeof methods)[number];

/** The result of a request as the client reports it: the status of an answer, or its error. */
export type Result =
  | { readonly state: 'answered'; readonly status: number }
  | { readonly state: 'failed'; readonly error: Harmless };

/** A real client with a pool of connections. */
export interface PooledClient {
  readonly name: string;
  /** @param number the relay recognises the request by it */
  send(method: Method, url: string, number: string, signal: AbortSignal): Promise<Result>;
  close(): void;
}

/** The time limit of a request. */
const deadlineMs = 30_000;

/** http.Agent with keepAlive, and one connection. */
export function nodeAgent(): PooledClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    name: "Node's http.Agent",
    send: (method, url, number, signal) => request(method, url, number, agent, signal),
    close: () => agent.destroy(),
  };
}

/** A new connection for each request: the client of a proxy. */
export function newConnections(): PooledClient {
  return {
    name: 'a client of the proxy',
    send: (method, url, number, signal) => request(method, url, number, false, signal),
    close: () => {},
  };
}

/** Node's fetch, which is undici: it pools by origin, and each relay is one. */
export function nodeFetch(): PooledClient {
  return {
    name: "undici (Node's fetch)",
    async send(method, url, number, signal) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
        const response = await fetch(url, {
          method,
          headers: { [requestField]: number },
          redirect: 'manual',
          signal: limit,
        });
        await response.arrayBuffer();
        return { state: 'answered', status: response.status };
      } catch (error) {
        signal.throwIfAborted();
        return { state: 'failed', error: errorOf(error) };
      }
    },
    close: () => {},
  };
}

function request(
  method: Method,
  url: string,
  number: string,
  agent: Agent | false,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      if (signal.aborted) reject(signal.reason);
      else resolve({ state: 'failed', error: errorOf(error) });
    };
    const request = startRequest(url, {
      ...{ agent, method, signal, timeout: deadlineMs },
      // No request has a body.
      headers: { [requestField]: number, ...(method === 'POST' ? { 'Content-Length': '0' } : {}) },
    });
    request.once('response', (response) => {
      response.resume().once('error', failed);
      response.once('end', () => resolve({ state: 'answered', status: response.statusCode ?? 0 }));
    });
    request.once('error', failed).once('timeout', () => request.destroy(new Error('no answer')));
    request.end();
  });
}

/** `ECONNRESET`, `UND_ERR_SOCKET: other side closed`. */
function errorOf(error: unknown): Harmless {
  const { message = '', code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return harmless(code === undefined ? message : `${code}: ${message}`);
}
