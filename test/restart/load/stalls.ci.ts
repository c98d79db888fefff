import { describe, expect, test } from 'vitest';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';

/** Restarts a server that keeps the clients from running at the worst moment. */
async function restarted(spec: string, options: readonly string[], until: 'start' | 'exit') {
  const load = ['--load', spec, '--request-timeout', '20s', ...options];
  const command = ['node', fixture('stalls-load.cjs'), String(somePort()), until];
  const { runs } = await restart(load, command);
  const [run] = runs;
  if (run?.load == null) throw new Error(JSON.stringify(run));
  expect(run.load.stoodStillMs).toBeGreaterThan(550);
  return { ...run, load: run.load };
}

describe.concurrent('clients that get no CPU', () => {
  // A client may have been about to send a request when it was stopped: that one is really lost.
  const allowed = ['--allow-loss', '40%'];

  test.each([
    ['new=40/s,pooled=6,slow=3', ['--slow-path', '/slow']],
    ['new=40/s,pooled=6', []],
  ])('while nothing listens do not make a server survive: %s', async (spec, options) => {
    const { verdict, reason, load } = await restarted(spec, [...options, ...allowed], 'start');
    expect({ verdict, load: load.verdict }).toEqual({ verdict: 'not decided', load: 'too little' });
    // Where the second start takes long, they stand still for more than 2 s.
    expect(reason).toMatch(
      /^the load stalled for [\d.]+ m?s( of the [\d.]+ m?s (after the signal|in which nothing listened))?, because the machine was too busy: ask for less with --load$/,
    );
  });

  test('until the old server has exited are noted beside what the others lost', async () => {
    const { verdict, load } = await restarted('new=40/s,slow=3', ['--slow-path', '/slow'], 'exit');
    expect({ verdict, load: load.verdict }).toEqual({ verdict: 'loses', load: 'loses' });
    expect(load.losses.map(({ cause }) => cause)).toContainEqual(
      expect.stringMatching(/^(outage|slow-start)$/),
    );
    expect(load.notes.join()).toMatch(
      /^More may have been lost than was seen: the load stalled for [\d.]+ m?s of the [\d.]+ m?s after the signal,/,
    );
  });
});
