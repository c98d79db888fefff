import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { harmless } from '../../foreign.ts';
import { programEnvironment } from '../../lab/hosts/environment.ts';
import { startProgram } from '../../start-program.ts';
import { unlessAborted, within } from '../../time.ts';
import type { Method, PooledClient, Result } from './clients.ts';
import { requestField } from './relay.ts';

const deadlineMs = 30_000;

/** Whether this machine has curl. */
export async function hasCurl(signal: AbortSignal): Promise<boolean> {
  try {
    const { child } = await startCurl(['--version'], signal);
    return (await child).exitCode === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * One curl with three addresses: it keeps the connection of the first request for the third. The second request goes to a gate of tcpclose,
 * which answers when the third is due.
 * @param method the method of the third request
 */
export function curl(method: Method): PooledClient {
  const ended = new AbortController();
  let gate: Gate | undefined;
  let results: AsyncIterator<Result> | undefined;
  return {
    name: 'curl',
    async send(_method, url, number, signal) {
      if (results === undefined) {
        gate = await Gate.open();
        const words = wordsOf(method, url, gate.port, number);
        const { child } = await startCurl(words, AbortSignal.any([signal, ended.signal]));
        results = resultsOf(child);
      } else gate?.answer();
      const next = unlessAborted(signal, results.next());
      const { value } = await within(deadlineMs, next, () => new Error('no answer')).catch((error: Error) => {
        signal.throwIfAborted();
        return { value: { state: 'failed', error: harmless(error.message) } as const };
      });
      return value ?? { state: 'failed', error: harmless('curl ended') };
    },
    close() {
      ended.abort();
      gate?.close();
    },
  };
}

/** Holds a request until its answer is due. */
class Gate {
  readonly #server: Server;
  #waiting: ServerResponse | undefined;
  #state: 'holds' | 'answers' = 'holds';

  private constructor() {
    this.#server = createServer((_, response) => {
      this.#waiting = response;
      if (this.#state === 'answers') response.end();
    });
  }

  static async open(): Promise<Gate> {
    const gate = new Gate();
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  answer(): void {
    this.#state = 'answers';
    this.#waiting?.end();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const usual = ['--silent', '--show-error', '--noproxy', '*', '--output', '/dev/null'] as const;

function wordsOf(method: Method, url: string, gate: number, first: string): string[] {
  const asked = (number: string) => [
    '--header',
    `${requestField}: ${number}`,
    '--write-out',
    '%{stderr}%{http_code}\\n',
  ];
  const how = { GET: [], HEAD: ['--head'], POST: ['--data', ''] }[method];
  return [
    ...['--disable', ...usual, ...asked(first), url],
    ...['--next', ...usual, `http://127.0.0.1:${gate}/`],
    ...['--next', ...usual, ...asked('second'), ...how, url],
  ];
}

function startCurl(words: readonly string[], cancelSignal: AbortSignal) {
  return startProgram(['curl', ...words], { env: programEnvironment(), stdin: 'ignore', cancelSignal });
}

/** A line for each request. It comes after the error output of the request, which is not buffered. */
async function* resultsOf({
  stderr,
}: Awaited<ReturnType<typeof startCurl>>['child']): AsyncGenerator<Result> {
  let said = '';
  for await (const data of stderr ?? []) {
    said += data;
    for (let line = statusLine.exec(said); line !== null; line = statusLine.exec(said)) {
      const status = Number(line[1]);
      const before = said.slice(0, line.index);
      said = said.slice(line.index + line[0].length);
      yield status > 0 ? { state: 'answered', status } : { state: 'failed', error: errorIn(before) };
    }
    said = said.slice(-1000);
  }
}

const statusLine = /^(\d{3})\n/m;

/** `(52) Empty reply from server`. */
function errorIn(said: string) {
  const last = said.trim().split('\n').at(-1) ?? '';
  return harmless(last.replace(/^curl: /, '') || 'no answer');
}
