import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/events.ts';
import { type ObserverName, observerNames } from '../../src/observe/observer.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { installed } from '../support/machine.ts';

const scenarios = await Promise.all(catalogue().map(loadEntry));

async function run(
  loaded: (typeof scenarios)[number],
  options: { address?: string; observer?: ObserverName } = {},
) {
  const events: Event[] = [];
  const outcome = await runScenario(loaded, {
    parameters: {},
    address: options.address ?? '127.0.0.1',
    port: undefined,
    observer: options.observer ?? 'auto',
    network: 'host',
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  const checks = events.flatMap((event) => (event.type === 'check' ? [event.check] : []));
  return { outcome, checks, contradicted: checks.filter(({ verdict }) => verdict === 'contradicted') };
}

test('names are unique', () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(scenarios)('$topic/$name', (loaded) => {
  const { scenario } = loaded;

  test('tells its title, its claim, its source and the claims it decides', () => {
    expect(scenario.title.length).toBeLessThan(70);
    expect(scenario.claim.length).toBeGreaterThan(40);
    expect(scenario.source.length).toBeGreaterThan(0);
    expect(scenario.decides.filter((id) => !(id in claims))).toEqual([]);
  });

  test.each(['127.0.0.1', '::1'])('comes out as expected on %s', async (address) => {
    const { outcome, checks, contradicted } = await run(loaded, { address });
    expect(contradicted).toEqual([]);
    expect(outcome).toEqual({ state: 'passed' });
    expect(checks.length).toBeGreaterThan(0);
  });

  test.each(observerNames.filter((name) => name === 'proc' || installed(name)))(
    'comes out as expected for %s',
    async (observer) => {
      expect((await run(loaded, { observer })).outcome).toEqual({ state: 'passed' });
    },
  );

  test('bears on just the claims that it says it decides', async () => {
    const { checks } = await run(loaded);
    const borneOn = new Set(
      checks.flatMap(({ bearings }) => bearings.map(({ claim }) => claim.split('/')[0] ?? '')),
    );
    expect([...borneOn].filter((id) => !(scenario.decides as readonly string[]).includes(id))).toEqual([]);
  });
});
