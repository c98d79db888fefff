import { expect, test } from 'vitest';
import { type Context, scenario } from '../../src/index.ts';
import type { ClaimPart } from '../../src/scenario/claims.ts';
import { controlled } from './controls.ts';

const supports: ClaimPart = 'C46';

async function story({ lab, expect }: Context): Promise<void> {
  const server = await lab.server();
  const client = await lab.client(server);
  for (const text of ['one', 'two']) {
    await client.write(text);
    const { text: read } = await server.read(3);
    expect.value('read', read, { supports, without: 'last write' }).equals(text);
  }
  expect.value('bears on nothing', 1).equals(1);
  await client.end();
  await expect(client, { supports }).state('FIN_WAIT2');
  await expect(server, { supports }).state('CLOSE_WAIT');
  await expect(client, { title: 'witness' }).state('FIN_WAIT2');
  expect.value('is always so', 1, { supports }).equals(1);
  expect.value('names what is not there', 1, { supports, without: 'linger 7' }).equals(1);
  expect.value('has none', 0, { supports, uncontrolled: 'an absence, beside "witness"' }).equals(0);
  expect.value('has no witness', 0, { supports, uncontrolled: 'an absence' }).equals(0);
  expect.value('has a bad one', 0, { supports, uncontrolled: 'an absence, beside "is always so"' }).equals(0);
}

test('each check is run without its stimulus, and the result is reported', {
  timeout: 180_000,
}, async () => {
  const own = scenario({
    title: 'a story',
    claim: 'It is as stated.',
    source: [],
    decides: ['C46'],
    control: 'end',
    run: story,
  });
  const results = await controlled({ name: 'story', topic: 'test', file: '', scenario: own }, {});
  expect(
    typeof results === 'string'
      ? results
      : results.map(({ check, without, result, why }) => [check, without, result, why]),
  ).toEqual([
    ['read', 'write 1', 'shown', expect.any(String)],
    ['read (2)', 'write 2', 'shown', expect.any(String)],
    ['client', 'end', 'shown', expect.stringMatching(/^ESTABLISHED/)],
    ['server', 'end', 'shown', expect.stringMatching(/^ESTABLISHED/)],
    ['witness', 'end', 'shown', expect.stringMatching(/^ESTABLISHED/)],
    ['is always so', 'end', 'the same', '1'],
    ['names what is not there', 'linger 7', 'not withheld', 'the run has no such stimulus'],
    ['has none', null, 'none to withhold', 'an absence, beside "witness"'],
    ['has no witness', null, 'no witness', 'an absence'],
    ['has a bad one', null, 'no witness', 'an absence, beside "is always so"'],
  ]);
});
