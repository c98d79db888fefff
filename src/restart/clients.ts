import { messageOf, TcpcloseError } from '../errors.ts';
import { sleep } from '../time.ts';
import { Client } from './client.ts';
import { describeTarget, type Target } from './target.ts';

const answerDeadlineMs = 10_000;
const pollMs = 1;

/**
 * Opens that many connections, one after the other, as clients of a server come, and has each send the request.
 * @throws TcpcloseError `no-connection`, `no-answer`
 */
export async function openClients(
  target: Target,
  count: number,
  request: Buffer | undefined,
): Promise<Client[]> {
  const clients: Client[] = [];
  try {
    for (let i = 0; i < count; i++) clients.push(await connected(target, i + 1, count));
    if (request !== undefined) {
      for (const client of clients) client.send(request);
      await Promise.all(clients.map(untilAnswered));
    }
    return clients;
  } catch (error) {
    for (const client of clients) client.reset();
    throw error;
  }
}

async function connected(target: Target, number: number, count: number): Promise<Client> {
  try {
    return await Client.connect(target);
  } catch (error) {
    const which = target.kind === 'tcp' ? 'is it the right port?' : 'does it accept connections?';
    throw new TcpcloseError(
      'no-connection',
      `client ${number} of ${count} cannot connect to ${describeTarget(target)} (${messageOf(error)}): ${which}`,
      error,
    );
  }
}

async function untilAnswered(client: Client): Promise<void> {
  for (const until = performance.now() + answerDeadlineMs; performance.now() < until; ) {
    if (client.received > 0) return;
    if (client.state !== 'open') break;
    await sleep(pollMs);
  }
  const how =
    client.state === 'open'
      ? `did not answer the request within ${answerDeadlineMs / 1000} s`
      : 'closed the connection and did not answer the request';
  throw new TcpcloseError('no-answer', `the server ${how}: look at --request`);
}
