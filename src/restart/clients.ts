import { messageOf, TcpcloseError } from '../errors.ts';
import { SystemCallError } from '../native/errno.ts';
import { poll, sleep } from '../time.ts';
import { Client } from './client.ts';
import { describeTarget, type Target } from './target.ts';

const answerDeadlineMs = 10_000;
const pollMs = 1;
/** How long to wait for a greeting. A server that sends first does so at once. */
const greetingMs = 300;
const longestGreetingMs = 3000;
/** How long to wait for the next piece of a greeting. */
const pauseMs = 100;

/** Whether the server sends first, as SMTP, FTP and SSH servers do; `not awaited` if its clients have no request. */
export type Greeting = 'sent' | 'none' | 'not awaited';

export interface Opened {
  readonly clients: readonly Client[];
  readonly greeting: Greeting;
}

/**
 * Opens this many connections, one after the other, like clients of a server. Each sends the request, after the greeting if there is one.
 * @throws TcpcloseError `no-connection`, `no-answer`
 */
export async function openClients(
  target: Target,
  count: number,
  request: Buffer | undefined,
): Promise<Opened> {
  const clients: Client[] = [];
  try {
    for (let i = 0; i < count; i++) clients.push(await connected(target, i + 1, count));
    if (request === undefined) return { clients, greeting: 'not awaited' };
    const greeted = await Promise.all(clients.map((client) => untilGreeted(client, greetingMs)));
    for (const client of clients) client.send(request);
    await Promise.all(clients.map(untilAnswered));
    return { clients, greeting: greeted.includes('greeted') ? 'sent' : 'none' };
  } catch (error) {
    for (const client of clients) client.reset();
    throw error;
  }
}

/** Waits until the server has greeted and nothing more arrives, unless data never ends; `not greeted` if nothing arrives in time. */
export async function untilGreeted(client: Client, patienceMs: number): Promise<'greeted' | 'not greeted'> {
  const isGreeted = () => client.received > 0 || client.state !== 'open';
  await poll('a greeting', isGreeted, { withinMs: patienceMs, everyMs: pollMs });
  const until = performance.now() + longestGreetingMs;
  for (let known = 0; client.received > known && client.state === 'open' && performance.now() < until; ) {
    known = client.received;
    await sleep(pauseMs);
  }
  return client.received > 0 ? 'greeted' : 'not greeted';
}

/** Whether the server sends before its client does. */
export async function greets(target: Target): Promise<'yes' | 'no'> {
  const client = await Client.connect(target);
  try {
    return (await untilGreeted(client, greetingMs)) === 'greeted' ? 'yes' : 'no';
  } finally {
    client.reset();
  }
}

async function connected(target: Target, number: number, count: number): Promise<Client> {
  try {
    return await Client.connect(target);
  } catch (error) {
    if (codeOf(error) === 'EMFILE') throw noDescriptors(number, count, error);
    const ofPort =
      codeOf(error) === 'ECONNRESET' ? 'it resets each connection at once' : 'is it the right port?';
    const which = target.kind === 'tcp' ? ofPort : 'does it accept connections?';
    throw new TcpcloseError(
      'no-connection',
      `client ${number} of ${count} cannot connect to ${describeTarget(target)} (${messageOf(error)}): ${which}`,
      error,
    );
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code;
}

function noDescriptors(number: number, count: number, error: unknown): TcpcloseError {
  return new TcpcloseError(
    'no-descriptors',
    `client ${number} of ${count} cannot connect, because tcpclose has no file descriptors left (EMFILE): raise the limit with "ulimit -n", or use fewer --clients`,
    error,
  );
}

async function untilAnswered(client: Client): Promise<void> {
  const isAnswered = () => client.answered || client.state !== 'open';
  await poll('an answer', isAnswered, { withinMs: answerDeadlineMs, everyMs: pollMs });
  if (client.answered) return;
  const how =
    client.state === 'open'
      ? `did not answer the request within ${answerDeadlineMs / 1000} s`
      : 'closed the connection and did not answer the request';
  throw new TcpcloseError('no-answer', `the server ${how}: look at --request`);
}
