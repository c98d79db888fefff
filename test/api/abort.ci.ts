import { describe, expect, test } from 'vitest';
import { closing } from './closing.ts';
import { audit, failure, idle, matrix, node, run, runScenario, runSuite, why } from './package.ts';

describe('an abort', () => {
  const enough = () => AbortSignal.abort(new Error('enough'));

  test.each<[string, (abortSignal: AbortSignal) => Promise<unknown>]>([
    ['audit()', (abortSignal) => audit({ for: '100s', abortSignal })],
    ['idle()', (abortSignal) => idle(node('setInterval(() => {}, 1000)'), { abortSignal })],
    ['matrix()', (abortSignal) => matrix({ abortSignal })],
    ['why()', (abortSignal) => why('127.0.0.1:1', { abortSignal })],
  ])('of %s is what it rejects with', async (_, call) => {
    expect(await failure(call(enough()))).toMatchObject({ message: 'enough' });
  });

  test('of a scenario or a suite is its outcome', async () => {
    expect(await runScenario(closing, { abortSignal: enough() })).toMatchObject({ outcome: 'interrupted' });
    expect(await runSuite([closing], { abortSignal: enough() })).toMatchObject({ outcome: 'interrupted' });
  });

  test('of run() ends the command by SIGTERM', async () => {
    const abort = new AbortController();
    const ended = run(node('setInterval(() => {}, 1000)'), {
      abortSignal: abort.signal,
      onStart: () => abort.abort(),
    });
    expect(await ended).toMatchObject({ status: null, signal: 'SIGTERM' });
  });
});
