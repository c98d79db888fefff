import { expect, test } from 'vitest';
import type { Context } from '../../src/index.ts';
import { readWithheld, Withholding } from '../../src/lab/ends/stimulus.ts';
import { run } from '../support/runs.ts';
import { storyOf } from '../support/stories.ts';

const kinds = ['linger', 'write', 'linger', 'linger'] as const;

test.each([
  [undefined, [false, false, false, false]],
  ['linger', [true, false, true, true]],
  ['linger 1', [true, false, false, false]],
  ['linger 2', [false, false, true, false]],
  ['linger 4', [false, false, false, false]],
  ['write 1', [false, true, false, false]],
] as const)('%s leaves out the ones that it names', (withheld, expected) => {
  const withholding = new Withholding(withheld);
  expect(kinds.map((kind) => withholding.isNext(kind))).toEqual(expected);
});

test.each([
  ['linger', 'linger'],
  ['linger 2', 'linger 2'],
  ['set option', 'set option'],
  ['set option 13', 'set option 13'],
  ['stop listening', 'stop listening'],
  ['linger 0', undefined],
  ['linger 02', undefined],
  ['linger -1', undefined],
  ['linger 2 3', undefined],
  ['luck', undefined],
  ['luck 2', undefined],
  ['', undefined],
])('"%s" is read as %s', (text, expected) => {
  expect(readWithheld(text)).toBe(expected);
});

test('one of several stimuli of a run is left out, and the others are made', async () => {
  const story = async ({ lab, expect }: Context) => {
    const server = await lab.server();
    const client = await lab.client(server);
    for (const text of ['one', 'two', 'three']) await client.write(text);
    await expect(server).receives('onethree'.length);
    const { text } = await server.read('onethree'.length);
    expect.value('read', text).equals('onethree');
  };
  const { outcome, events } = await run(storyOf(story), { withheld: 'write 2' });
  expect(outcome).toEqual({ state: 'passed' });
  const made = events.flatMap((event) =>
    event.type === 'action' && event.verb === 'write' ? [event.made] : [],
  );
  expect(made).toEqual(['really', 'left out', 'really']);
});
