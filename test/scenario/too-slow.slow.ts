import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/index.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { observeSlowly, orphan, orphaned, outcomeOf, slowSs } from '../support/stories.ts';

const withoutNamespace = await whyUnmet('namespace');

describe('a state that may have ended before the first look is too slow to see', () => {
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

  test('if it was seen, and is expected to stay', async () => {
    const outcome = await outcomeOf(async (context) => {
      const { client } = await orphan(context, 2);
      await context.expect(client).state('FIN_WAIT2', orphaned);
      observeSlowly(3);
      await context.expect(client).stays('FIN_WAIT2', 10, orphaned);
    });
    expect(outcome).toEqual(tooSlow);
  });

  test('if it would have kept a port', unless(withoutNamespace), async () => {
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
      title: 'a story', claim: 'It is as stated.', source: [], decides: [], control: 'destroy',
      async run({ lab, expect }) {
        const client = await lab.client(await lab.server());
        await client.setOption('TCP_LINGER2', 1);
        await client.destroy();
        await expect(client).state('FIN_WAIT2');
      },
    });`;

  test('ends with status 2 and the advice, in one line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'story-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'story.ts');
    writeFileSync(file, story);
    const { path, remove } = slowSs(2);
    onTestFinished(remove);
    const { stdout, stderr, status } = await tcpclose(['demo', file], { env: { PATH: path } });
    expect(stderr).toMatch(
      /^tcpclose: client, FIN_WAIT2: too slow to see \([^\n]+\): run this scenario alone, on a machine with less load\n$/,
    );
    expect(stdout).not.toContain('✖');
    expect(status).toBe(2);
  });
});
