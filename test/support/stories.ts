import { onTestFinished } from 'vitest';
import { type Context, type Scenario, scenario } from '../../src/index.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { run } from './runs.ts';
import { wrapper } from './wrapper.ts';

/** From now on every reading of this process takes so long, until the test is over. */
export function observeSlowly(seconds: number): void {
  const usualPath = process.env['PATH'];
  const { path, remove } = slowSs(seconds);
  process.env['PATH'] = path;
  onTestFinished(() => {
    process.env['PATH'] = usualPath;
    remove();
  });
}

export function slowSs(seconds: number) {
  return wrapper('ss', `[ "$1" = -V ] || sleep ${seconds}; real "$@"`);
}

/** What a user may write. */
export function storyOf(
  story: (context: Context) => Promise<void>,
  needs: Scenario['needs'] = [],
  peers = 2,
): LoadedScenario {
  const own = scenario({
    title: 'a story',
    claim: 'It is as stated.',
    source: [],
    decides: [],
    control: 'end',
    needs,
    peers,
    run: story,
  });
  return { name: 'story', topic: 'test', file: '', scenario: own };
}

/** Runs what a user may write: what came of it, in a word or by the error's code, and all of the message. */
export async function outcomeOf(
  story: (context: Context) => Promise<void>,
  options: { readonly patienceMs?: number; readonly needs?: Scenario['needs']; readonly peers?: number } = {},
) {
  const { patienceMs = 500, needs = [], peers = 2 } = options;
  const network = needs.includes('namespace') ? 'own' : 'host';
  const { outcome, contradicted } = await run(storyOf(story, needs, peers), {
    patienceMs,
    network,
    observer: 'ss',
  });
  const error = outcome.state === 'errored' ? (outcome.error as Error & { code?: string }) : undefined;
  return {
    outcome: error === undefined ? outcome.state : (error.code ?? error.stack),
    message: error?.message ?? '',
    contradicted: contradicted.map(({ expected, observed }) => `${expected}, observed ${observed}`),
  };
}

/** A client that has let go of its connection to a server that does not close: FIN_WAIT2 lasts this many seconds. */
export async function orphan({ lab }: Context, seconds: number) {
  const server = await lab.server();
  const client = await lab.client(server);
  await client.setOption('TCP_LINGER2', seconds);
  await client.destroy();
  return { server, client };
}

export const orphaned = { process: 'none', timer: 'timewait' } as const;
