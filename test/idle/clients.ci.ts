import { Agent, get, globalAgent } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, describe, expect, test } from 'vitest';
import { idleClients } from '../../src/idle/clients.ts';
import { compare } from '../../src/idle/race.ts';
import { afterTests, serving } from '../support/idle.ts';

/** How long a client keeps a connection to a server that never closes, in milliseconds. */
async function kept(ask: (url: string) => void, head = ''): Promise<number> {
  let onEnd: (ms: number) => void;
  const end = new Promise<number>((resolve) => {
    onEnd = resolve;
  });
  const port = await serving((socket) => {
    let answeredAt = 0;
    socket.on('data', () => {
      answeredAt = performance.now();
      socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: 2\r\n\r\nok`);
    });
    socket.once('close', () => onEnd(performance.now() - answeredAt));
  });
  ask(`http://127.0.0.1:${port}/`);
  return end;
}

const byFetch = (url: string) => void fetch(url).then((response) => response.text());
const byAgent = (agent: Agent) => (url: string) => void get(url, { agent }, (response) => response.resume());

const delays = monitorEventLoopDelay();
delays.enable();
afterAll(() => delays.disable());

/** How late the timers of this process may be: a second and a half, and what the machine was seen to delay them. */
const slackMs = () => 1500 + delays.max / 1e6;

describe.concurrent('the clients of this Node', () => {
  test.each([
    ['undici', byFetch],
    ['node-agent', byAgent(globalAgent)],
  ] as const)('%s keeps an idle connection for as long as it is said to', async (name, ask) => {
    const ms = await kept(ask);
    expect(ms).toBeGreaterThan(idleClients[name].idleMs - 1000);
    expect(ms).toBeLessThan(idleClients[name].idleMs + slackMs());
  });

  test.each([
    ['undici', byFetch, 4, 2000],
    ['undici', byFetch, 8, 6000],
    ['node-agent', byAgent(globalAgent), 4, 3000],
    ['node-agent', byAgent(globalAgent), 8, 5000],
  ] as const)('%s gives up before the time that the server says', async (name, ask, timeoutS, claimedMs) => {
    const closes = { state: 'closes', idleMs: 1 } as const;
    const { clientMs } = compare(idleClients[name], closes, timeoutS, { ratePerS: 1, windowMs: 1 });
    expect(clientMs).toBe(claimedMs);
    const ms = await kept(ask, `Keep-Alive: timeout=${timeoutS}\r\n`);
    expect(ms).toBeLessThan(claimedMs + slackMs());
    // Older releases give up a second later: never after the time that the server says.
    expect(ms).toBeGreaterThan(claimedMs - 1000);
  });

  test("an agent without a timeout ignores the server's hint", async () => {
    const agent = new Agent({ keepAlive: true });
    afterTests(() => agent.destroy());
    const ended = kept(byAgent(agent), 'Keep-Alive: timeout=2\r\n').then(() => 'ended');
    const later = new Promise<string>((resolve) => setTimeout(resolve, 4000, 'still there'));
    expect(await Promise.race([ended, later])).toBe('still there');
  });
});
