import { expect, test } from 'vitest';
import { catalogue, type LoadedScenario, loadEntry } from '../../src/scenario/catalogue.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { run } from './runs.ts';

const all = await Promise.all(catalogue().map(loadEntry));
const network = (await whyUnmet('namespace')) === null ? 'own' : 'host';

/** One of each topic, for the quick tests. */
export const firstOfTopics = all.filter(
  (loaded) => loaded === all.find(({ topic }) => topic === loaded.topic),
);
export const others = all.filter((loaded) => !firstOfTopics.includes(loaded));

// So long only where others are at work on the machine, too: several of them run at once.
const options = { timeout: 600_000 };

/** A scenario that passes without its stimulus would show nothing: a test for each. */
export function testWithoutStimulus(scenarios: readonly LoadedScenario[]): void {
  test.concurrent.for(scenarios)(
    '$topic/$name is contradicted without its stimulus',
    options,
    async (loaded, context) => {
      const { scenario } = loaded;
      for (const need of scenario.needs) {
        const why = await whyUnmet(need);
        if (why !== null) return context.skip(why);
      }
      const { outcome, contradicted, events } = await run(loaded, {
        withheld: scenario.control,
        afterContradiction: 'stop',
        patienceMs: 2500,
        network,
      });
      const leftOut = events.filter((event) => event.type === 'action' && event.made === 'left out');
      expect(leftOut.length).toBeGreaterThan(0);
      expect(outcome.state === 'errored' ? outcome.error : outcome).toEqual({ state: 'failed' });
      expect(contradicted).toHaveLength(1);
    },
  );
}
