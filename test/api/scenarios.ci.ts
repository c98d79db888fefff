import { describe, expect, test } from 'vitest';
import { schemaErrors } from '../support/schema.ts';
import { closing } from './closing.ts';
import { runScenario, runSuite, scenario } from './package.ts';

describe('runScenario()', () => {
  test('runs a scenario that is not in a file', async () => {
    const steps: string[] = [];
    const document = await runScenario(closing, {
      parameters: { times: 2 },
      onEvent: (event) => event.type === 'step' && steps.push(event.title),
    });
    expect(schemaErrors('demo', document)).toEqual([]);
    expect(document).toMatchObject({ outcome: 'passed', parameters: { times: 2 } });
    expect(steps).toEqual(['the client closes', 'the client closes']);
  });

  test('without its stimulus it is contradicted', async () => {
    expect(await runScenario(closing, { without: 'end' })).toMatchObject({ outcome: 'failed' });
  });
});

test('runSuite() runs scenarios of all kinds together', async () => {
  const document = await runSuite(['shut-rd', closing], { timeout: '60s' });
  expect(schemaErrors('test', document)).toEqual([]);
  expect(document.outcome).toBe('passed');
  expect(document.scenarios.map(({ scenario }) => scenario).sort()).toEqual([closing.title, 'shut-rd']);
});

test('runSuite() tells scenarios of the same title apart', async () => {
  const { title, claim, source } = closing;
  const wrong = scenario({
    ...{ title, claim, source, decides: [], control: 'end' },
    async run({ expect }) {
      expect.value<number>('one', 1).equals(2);
    },
  });
  const { scenarios } = await runSuite([closing, wrong], { timeout: '60s' });
  expect(scenarios.map(({ scenario, outcome }) => `${scenario}: ${outcome}`).sort()).toEqual([
    `${title} #2: failed`,
    `${title}: passed`,
  ]);
});
