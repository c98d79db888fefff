import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Context, type Scenario, scenario } from '../../src/index.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { run } from '../support/runs.ts';
import { unless } from '../support/skips.ts';
import { wrapper } from '../support/wrapper.ts';

const usualPath = process.env['PATH'];
const cleanups: (() => void)[] = [];

afterEach(() => {
  process.env['PATH'] = usualPath;
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** From now on every reading takes so long. */
function observeSlowly(seconds: number): void {
  const { path, remove } = wrapper('ss', `[ "$1" = -V ] || sleep ${seconds}; real "$@"`);
  process.env['PATH'] = path;
  cleanups.push(remove);
}

const withoutNamespace = await whyUnmet('namespace');

/** Runs what a user may write: what came of it, in a word or by the error's code, and all of the message. */
async function outcomeOf(
  story: (context: Context) => Promise<void>,
  options: { readonly patienceMs?: number; readonly needs?: Scenario['needs'] } = {},
) {
  const { patienceMs = 500, needs = [] } = options;
  const own = scenario({
    title: 'a story',
    claim: 'It is as it is told.',
    source: [],
    decides: [],
    control: 'end',
    needs,
    run: story,
  });
  const network = needs.includes('namespace') ? 'own' : 'host';
  const loaded = { name: 'story', topic: 'test', file: '', scenario: own };
  const { outcome, contradicted } = await run(loaded, { patienceMs, network, observer: 'ss' });
  const error = outcome.state === 'errored' ? (outcome.error as Error & { code?: string }) : undefined;
  return {
    outcome: error === undefined ? outcome.state : (error.code ?? error.stack),
    message: error?.message ?? '',
    contradicted: contradicted.map(({ expected, observed }) => `${expected}, observed ${observed}`),
  };
}

/** A client that has let go of its connection to a server that does not close: FIN_WAIT2 lasts so many seconds. */
async function orphan({ lab }: Context, seconds: number) {
  const server = await lab.server();
  const client = await lab.client(server);
  await client.setOption('TCP_LINGER2', seconds);
  await client.destroy();
  return { server, client };
}

const orphaned = { process: 'none', timer: 'timewait' } as const;

describe('a state that may have ended before anybody looked is too slow to see', () => {
  const tooSlow = {
    outcome: 'too-slow',
    contradicted: [],
    message: expect.stringMatching(
      /^\w+, .+: too slow to see \(it ends by itself after [\d.]+ m?s, and for [\d.]+ m?s nothing was read\): run this scenario alone, on a machine with less load$/,
    ),
  };

  test('by TCP_LINGER2', async () => {
    observeSlowly(2);
    const outcome = await outcomeOf(async (context) => {
      const { client } = await orphan(context, 1);
      await context.expect(client).state('FIN_WAIT2', orphaned);
    });
    expect(outcome).toEqual(tooSlow);
  });

  test('by tcp_fin_timeout', unless(withoutNamespace), async () => {
    observeSlowly(2);
    const story = async ({ lab, expect }: Context) => {
      await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', 1);
      const client = await lab.client(await lab.server());
      await client.destroy();
      await expect(client).state('FIN_WAIT2', orphaned);
    };
    expect(await outcomeOf(story, { needs: ['namespace'] })).toEqual(tooSlow);
  });

  test('by TCP_USER_TIMEOUT', async () => {
    observeSlowly(3);
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server({ options: { SO_RCVBUF: 1 } }));
      await client.setOption('TCP_USER_TIMEOUT', 500);
      await client.fill();
      await expect(client).state('ESTABLISHED', { timer: 'persist' });
    });
    expect(outcome).toEqual(tooSlow);
  });

  test('by what the scenario says of it', async () => {
    observeSlowly(1);
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await client.reset();
      await expect(client).state('CLOSE_WAIT', { lastsMs: 100 });
    });
    expect(outcome).toEqual(tooSlow);
  });

  test('where it was seen, and is expected to stay', async () => {
    const outcome = await outcomeOf(async (context) => {
      const { client } = await orphan(context, 2);
      await context.expect(client).state('FIN_WAIT2', orphaned);
      observeSlowly(3);
      await context.expect(client).stays('FIN_WAIT2', 10, orphaned);
    });
    expect(outcome).toEqual(tooSlow);
  });

  test('where it would have kept a port', unless(withoutNamespace), async () => {
    const story = async ({ lab, expect }: Context) => {
      await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', 1);
      const server = await lab.server();
      const client = await lab.client(server);
      await server.kill('SIGKILL');
      await expect(server).state('FIN_WAIT2', { ...orphaned, withinMs: 20_000 });
      await expect(server).gone(20_000);
      await expect(client).state('CLOSE_WAIT');
      await expect(lab.server({ port: server.port })).fails('bind', 'EADDRINUSE');
    };
    const { outcome, contradicted, message } = await outcomeOf(story, { needs: ['namespace'] });
    // On a machine that is busy enough it is the FIN_WAIT2 that is not seen: then there is no bind.
    expect({ outcome, contradicted }).toEqual({ outcome: 'too-slow', contradicted: [] });
    expect(message).toMatch(/the last TIME_WAIT of port \d+ may have ended before|nothing was read/);
  });
});

describe('the program', () => {
  const story = `
    import { scenario } from 'tcpclose';
    export default scenario({
      title: 'a story', claim: 'It is as it is told.', source: [], decides: [], control: 'destroy',
      async run({ lab, expect }) {
        const client = await lab.client(await lab.server());
        await client.setOption('TCP_LINGER2', 1);
        await client.destroy();
        await expect(client).state('FIN_WAIT2');
      },
    });`;

  test('ends with status 2 and the advice, in one line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'story-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'story.ts');
    writeFileSync(file, story);
    const { path, remove } = wrapper('ss', '[ "$1" = -V ] || sleep 2; real "$@"');
    cleanups.push(remove);
    const { stdout, stderr, status } = await tcpclose(['demo', file], { env: { PATH: path } });
    expect(stderr).toMatch(
      /^tcpclose: client, FIN_WAIT2: too slow to see \([^\n]+\): run this scenario alone, on a machine with less load\n$/,
    );
    expect(stdout).not.toContain('✖');
    expect(status).toBe(2);
  });
});

describe('what is not so is contradicted', () => {
  // A minute is enough on any machine.
  const long = 60;

  test.each([0, 2])('where the state never came, and a reading takes %i s', async (seconds) => {
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

  test.each([0, 2])('where nothing was left at once, and a reading takes %i s', async (seconds) => {
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

  test('where the connection stood for long before, in a story of many steps', async () => {
    const outcome = await outcomeOf(async ({ lab, expect }) => {
      const client = await lab.client(await lab.server());
      await expect(client).state('ESTABLISHED');
      await lab.pass(6000, 'a break');
      await client.reset();
      await expect(client).state('FIN_WAIT2', { ...orphaned, lastsMs: 5000 });
    });
    expect(outcome).toMatchObject({ outcome: 'failed' });
  });

  test('where it stays longer than it may', async () => {
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

describe('a process that gets no turn', () => {
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

  test('is named, and nothing is contradicted, where it never gets one', async () => {
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

describe('a check without an observation is errored', () => {
  const nothing = {
    outcome: 'nothing-observed',
    contradicted: [],
    message: 'x: nothing was observed: look at the checks before it, and run it again',
  };

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d', async (number) => {
    const checks: ((expect: Context['expect']) => void)[] = [
      (expect) => expect.value('x', number).equals(number),
      (expect) => expect.value('x', number).isNot(1),
      (expect) => expect.value('x', number).between(0, 1),
      (expect) => expect.value('x', number).atLeast(0),
      (expect) => expect.value('x', number).atMost(0),
      (expect) => expect.value<number>('x', 1).atLeast(number),
      (expect) => expect.span('x', number).between(0, 1),
      (expect) => expect.span('x', number).atLeast(0),
      (expect) => expect.span('x', 1).atLeast(number),
      (expect) => expect.span('x', number).atMost(0),
      (expect) => expect.span('x', { leastMs: 0, mostMs: number }).atMost(1),
    ];
    for (const check of checks) expect(await outcomeOf(async ({ expect }) => check(expect))).toEqual(nothing);
  });
});

describe('a span that looking has measured', () => {
  const span = { leastMs: 900, mostMs: 1100 };

  test.each([
    ['at least 0.9 s', 'passed', 900, Number.MAX_VALUE],
    ['at least 1 s', 'too-slow', 1000, Number.MAX_VALUE],
    ['at least 1.2 s', 'failed', 1200, Number.MAX_VALUE],
    ['at most 1.1 s', 'passed', 0, 1100],
    ['at most 1 s', 'too-slow', 0, 1000],
    ['at most 0.8 s', 'failed', 0, 800],
  ] as const)('0.9 to 1.1 s, expected %s: %s', async (_, expected, low, high) => {
    const { outcome } = await outcomeOf(async ({ expect }) => expect.span('x', span).between(low, high));
    expect(outcome).toBe(expected);
  });

  test.each([
    [{ leastMs: 800, mostMs: 900 }, 'passed'],
    [{ leastMs: 800, mostMs: 1000 }, 'too-slow'],
    [{ leastMs: 1101, mostMs: 1200 }, 'failed'],
  ])('beside a limit that was measured, too: %j, %s', async (limit, expected) => {
    const { outcome } = await outcomeOf(async ({ expect }) => expect.span('x', span).atLeast(limit));
    expect(outcome).toBe(expected);
  });
});
