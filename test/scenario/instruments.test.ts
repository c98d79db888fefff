import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/index.ts';
import { sleep } from '../../src/time.ts';
import { run } from '../support/runs.ts';
import { outcomeOf, storyOf } from '../support/stories.ts';

// Each expectation where what is so is not what it expects: it must say what it saw, and that it is not so.

/** What a story that expects something untrue comes to: what was observed. */
async function observedIn(story: (context: Context) => Promise<void>): Promise<string> {
  const { outcome, contradicted, message } = await outcomeOf(story, { patienceMs: 300 });
  expect({ outcome, message, contradictions: contradicted.length }).toEqual({
    outcome: 'failed',
    message: '',
    contradictions: 1,
  });
  return contradicted[0] ?? '';
}

const inTest = { timeout: 120_000 };

describe.concurrent('a process', inTest, () => {
  test('is noticed where no process is expected', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await expect(client).state('ESTABLISHED', { process: 'none' });
    });
    expect(observed).toMatch(/^ESTABLISHED, no process, observed ESTABLISHED, pid \d+ /);
  });

  test('is noticed as missing after it has ended', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      await client.kill('SIGKILL');
      await expect(client).state('FIN_WAIT2', { process: client });
    });
    expect(observed).toMatch(/^FIN_WAIT2, pid \d+, observed FIN_WAIT2, no process/);
  });

  test('is not the expected process', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      await expect(client).state('ESTABLISHED', { process: server });
    });
    const [, expected, seen] = /pid (\d+), observed ESTABLISHED, pid (\d+)/.exec(observed) ?? [];
    expect(seen).toMatch(/^\d+$/);
    expect(seen).not.toBe(expected);
  });
});

describe.concurrent('what is expected to stay', inTest, () => {
  test('is looked at until the time is over', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      const [, ending] = [await expect(client).state('ESTABLISHED'), sleep(700).then(() => client.end())];
      await Promise.all([expect(client).stays('ESTABLISHED', 5000), ending]);
    });
    expect(observed).toMatch(/^ESTABLISHED for 5.0 s, observed FIN_WAIT2, .* after /);
  });

  test('stays for at least that long', async () => {
    const startedAt = performance.now();
    const told = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await expect(client).stays('ESTABLISHED', 600);
    });
    expect(told).toEqual({ outcome: 'passed', contradicted: [], message: '' });
    expect(performance.now() - startedAt).toBeGreaterThan(600);
  });
});

describe.concurrent('a start', inTest, () => {
  const failing: [string, string, (context: Context) => Promise<void>][] = [
    [
      'that fails with another errno',
      'connect: EADDRINUSE, observed connect: Connection refused (ECONNREFUSED)',
      async ({ lab, expect }) => {
        const server = await lab.server();
        await server.stopListening();
        await expect(lab.client(server)).fails('connect', 'EADDRINUSE');
      },
    ],
    [
      'that fails in another call',
      'listen: EADDRINUSE, observed bind: Address already in use (EADDRINUSE)',
      async ({ lab, expect }) => {
        const { port } = await lab.server();
        await expect(lab.server({ port })).fails('listen', 'EADDRINUSE');
      },
    ],
    [
      'that does not fail',
      'bind: EADDRINUSE, observed listening',
      async ({ lab, expect }) => {
        const port = await lab.freePort();
        await expect(lab.server({ port })).fails('bind', 'EADDRINUSE');
      },
    ],
  ];
  test.each(failing)('%s is not the failure that was expected', async (_, expected, story) => {
    expect(await observedIn(story)).toBe(expected);
  });

  test('of a server with wrong answers does not serve', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const start = lab.server().then((server) => {
        // As a server would that mixes up its clients.
        const write = server.write.bind(server);
        server.write = (content, until) => write(String(content).replace('h', 'j'), until);
        return server;
      });
      await expect(start).serves();
    });
    expect(observed).toMatch(/^serves a new client, observed accepted .*:\d+, answered "jello"$/);
  });
});

describe.concurrent('a call', inTest, () => {
  test('that gives data is not the end', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const server = await lab.server();
      const client = await lab.client(server);
      await server.write('data');
      await expect(client).receives(4);
      await expect(client).reads('end');
    });
    expect(observed).toBe('end, observed 4 bytes');
  });

  test('that passes does not fail', async () => {
    const observed = await observedIn(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await expect(client).sends('EPIPE');
    });
    expect(observed).toBe('EPIPE, observed a byte');
  });
});

describe.concurrent('a value', inTest, () => {
  test.each<[string, (expect: Context['expect']) => void]>([
    ['4, observed 5', (expect) => expect.value<number>('x', 5).equals(4)],
    ['not 5, observed 5', (expect) => expect.value('x', 5).isNot(5)],
    ['6 to 9, observed 5', (expect) => expect.value<number>('x', 5).between(6, 9)],
    ['1 to 4, observed 5', (expect) => expect.value<number>('x', 5).between(1, 4)],
    ['at least 6, observed 5', (expect) => expect.value<number>('x', 5).atLeast(6)],
    ['at most 4, observed 5', (expect) => expect.value<number>('x', 5).atMost(4)],
  ])('is reported as it is: %s', async (expected, check) => {
    expect(await observedIn(async ({ expect }) => check(expect))).toBe(expected);
  });

  test('is printed as it is, not as it was expected, if both agree', async () => {
    const { checks } = await run(
      storyOf(async ({ expect }) => {
        expect.value('x', 5).isNot(4 as 5);
        expect.value<number>('x', 5).between(1, 9);
        expect.value<number>('x', 5).atLeast(2);
        expect.value<number>('x', 5).atMost(8);
        expect.span('x', 5).between(1, 9);
      }),
    );
    const told = checks.map(({ observed, verdict }) => [observed, verdict]);
    expect(told).toEqual([...['5', '5', '5', '5', '5 ms'].map((observed) => [observed, 'as expected'])]);
  });
});
