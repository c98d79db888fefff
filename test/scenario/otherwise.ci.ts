import { expect, test } from 'vitest';
import { type Context, scenario } from '../../src/index.ts';
import type { About } from '../../src/scenario/expect/report.ts';
import { run } from '../support/runs.ts';

/** What the checks of a story say of C42. */
async function saidIn(story: (context: Context, about: About) => Promise<void>, about: About) {
  const own = scenario({
    ...{ title: 'a story', claim: 'It is as stated.', source: [], decides: ['C42'], control: 'end' },
    run: (context) => story(context, { supports: 'C42', ...about }),
  });
  const loaded = { name: 'story', topic: 'test', file: '', scenario: own };
  const { checks } = await run(loaded, { patienceMs: 200 });
  return checks.flatMap(({ bearings }) => bearings.map(({ finding }) => finding));
}

test('a refused connection is not the opposite of any other failure, and one that is made is', async () => {
  const story = async ({ lab, expect }: Context, about: About) => {
    const server = await lab.server();
    await expect(lab.client(server), about).fails('connect', 'EADDRNOTAVAIL');
    await server.stopListening();
    await expect(lab.client(server), about).fails('connect', 'EADDRNOTAVAIL');
    await expect(lab.client(server), about).connects();
  };
  const said = await saidIn(story, { otherwise: 'connected' });
  expect(said).toEqual(['refuted', 'not decided', 'not decided']);
  expect(await saidIn(story, { otherwise: 'connect: ECONNREFUSED' })).toEqual([
    'not decided',
    'refuted',
    'refuted',
  ]);
});

test('a server that listens is the opposite of one that fails, and the other way round', async () => {
  const story = async ({ lab, expect }: Context, about: About) => {
    const { port } = await lab.server({ reuseAddress: 'off' });
    await expect(lab.server({ reuseAddress: 'off' }), about).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ port, reuseAddress: 'off' }), about).serves();
  };
  expect(await saidIn(story, { otherwise: ['listening', 'bind: EADDRINUSE'] })).toEqual([
    'refuted',
    'refuted',
  ]);
  expect(await saidIn(story, { otherwise: 'listen: EADDRINUSE' })).toEqual(['not decided', 'not decided']);
});

test('what reads and sends give is compared, and states with what is gone among them', async () => {
  const story = async ({ lab, expect }: Context, about: About) => {
    const server = await lab.server();
    const client = await lab.client(server);
    await expect(client, about).reads('end');
    await expect(client, about).sends('EPIPE');
    await expect(client, about).state('TIME_WAIT');
    await expect(client, about).gone();
    await client.reset();
    await expect(client, about).state('LISTEN');
  };
  const otherwise = ['EAGAIN', 'a byte', 'ESTABLISHED', 'gone'];
  expect(await saidIn(story, { otherwise })).toEqual(otherwise.map(() => 'refuted').concat('refuted'));
  expect(await saidIn(story, { otherwise: ['ETIMEDOUT', 'TIME_WAIT'] })).toEqual(
    Array.from({ length: 5 }, () => 'not decided'),
  );
});
