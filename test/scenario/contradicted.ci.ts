import { describe, expect, test } from 'vitest';
import { observeSlowly, orphan, orphaned, outcomeOf } from '../support/stories.ts';

describe('a wrong expectation is contradicted', () => {
  // A minute is enough on any machine.
  const long = 60;

  test.each([0, 2])('if the state never came, and a reading takes %i s', async (seconds) => {
    if (seconds > 0) observeSlowly(seconds);
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await client.setOption('TCP_LINGER2', 1);
      await client.shutdown('read');
      await expect(client).state('FIN_WAIT2', orphaned);
    });
    expect(outcome).toMatchObject({
      outcome: 'failed',
      contradicted: [expect.stringMatching(/^FIN_WAIT2, .*, observed ESTABLISHED/)],
    });
  });

  test.each([0, 2])('if nothing was left at once, and a reading takes %i s', async (seconds) => {
    if (seconds > 0) observeSlowly(seconds);
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await client.setOption('TCP_LINGER2', long);
      await client.reset();
      await expect(client).state('FIN_WAIT2', orphaned);
    });
    expect(outcome).toMatchObject({
      outcome: 'failed',
      contradicted: [expect.stringMatching(/^FIN_WAIT2, .*, observed no socket$/)],
    });
  });

  test('if the connection was open for long before, in a story of many steps', async () => {
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await expect(client).state('ESTABLISHED');
      await lab.pass(6000, 'a break');
      await client.reset();
      await expect(client).state('FIN_WAIT2', { ...orphaned, lastsMs: 5000 });
    });
    expect(outcome).toMatchObject({ outcome: 'failed' });
  });

  test('if it stays longer than it may', async () => {
    observeSlowly(1);
    const outcome = await outcomeOf(async (context) => {
      const { client } = await orphan(context, long);
      await context.expect(client).gone();
    });
    expect(outcome).toMatchObject({
      outcome: 'failed',
      contradicted: [expect.stringMatching(/^no socket, observed FIN_WAIT2/)],
    });
  });
});
