import { expect, test } from 'vitest';
import { type Client, type Context, type Measured, type Scenario, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';
import { sleep } from '../../src/time.ts';
import { run } from '../support/runs.ts';

const lingerMs = 2000;

async function outcomeOf(own: Scenario): Promise<string> {
  const { outcome } = await run({ name: 'story', topic: 'test', file: '', scenario: own });
  return outcome.state === 'errored' ? outcome.error.message : outcome.state;
}

/** A client with unsent data and SO_LINGER ends its connection: how long its close(2) held the socket. */
async function closeOf(end: (client: Client) => Promise<unknown>) {
  let measured: Measured | undefined;
  const story = async ({ lab, expect }: Context) => {
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.fill();
    await expect(server).receives(1);
    await client.linger(lingerMs / 1000);
    const closing = await lab.watchClose(client);
    await end(client);
    measured = await closing();
  };
  const own = scenario({ title: 'x', claim: 'x', source: [], decides: [], control: 'linger', run: story });
  const outcome = await outcomeOf(own);
  if (outcome !== 'passed') throw new Error(outcome);
  if (measured === undefined) throw new Error('nothing was measured');
  return measured;
}

test('a lingering close(2) is seen to wait, and no longer than its time limits', async () => {
  const { leastMs, mostMs } = await closeOf((client) => client.destroy());
  expect(leastMs).toBeGreaterThan(0);
  expect(mostMs).toBeGreaterThanOrEqual(lingerMs * 0.9);
  expect(leastMs).toBeLessThanOrEqual(mostMs);
});

test('the close of an exit is never seen to wait so long', async () => {
  const { leastMs } = await closeOf((client) => client.die('exit 0'));
  expect(leastMs).toBeLessThan(lingerMs * 0.9);
});

test('the watch decides nothing if the process is stopped during the wait, because that ends the wait', async () => {
  const told = closeOf(async (client) => {
    const closed = client.destroy();
    await sleep(500);
    process.kill(client.pid, 'SIGSTOP');
    await sleep(200);
    process.kill(client.pid, 'SIGCONT');
    await closed;
  });
  await expect(told).rejects.toThrow('too slow to see (its process was stopped during the wait');
});
