import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../support/stories.ts';

describe.concurrent('a process that gets no turn', () => {
  const stop = (pid: number) => process.kill(pid, 'SIGSTOP');

  test('is waited for before anything is contradicted', async () => {
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const server = await lab.server({ conduct: 'reads' });
      const client = await lab.client(server);
      stop(server.pid);
      setTimeout(() => process.kill(server.pid, 'SIGCONT'), 5000);
      await client.end();
      await expect(client).state('TIME_WAIT');
    });
    expect(outcome).toEqual({ outcome: 'passed', contradicted: [], message: '' });
  });

  test('is named, and nothing is contradicted, if it never gets a turn', async () => {
    let pid = 0;
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const server = await lab.server({ conduct: 'reads' });
      const client = await lab.client(server);
      pid = server.pid;
      stop(pid);
      await client.end();
      await expect(client).state('TIME_WAIT');
    });
    expect(outcome).toMatchObject({ outcome: 'too-slow', contradicted: [] });
    expect(outcome.message).toContain(`process ${pid} of this run did not answer within 10 s`);
  });

  test('makes no contradiction of what is read from it', async () => {
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      stop(server.pid);
      const [read] = await Promise.all([client.read(5), server.write('hello').catch(() => {})]);
      expect.value('read', read.text).equals('hello');
    });
    expect(outcome).toMatchObject({ outcome: 'too-slow', contradicted: [] });
  }, 90_000);

  test('does not hide what the others do', async () => {
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      await client.end();
      await expect(client).state('TIME_WAIT');
    });
    expect(outcome).toMatchObject({
      outcome: 'failed',
      contradicted: [expect.stringMatching(/^TIME_WAIT, observed FIN_WAIT2/)],
    });
  });
});
