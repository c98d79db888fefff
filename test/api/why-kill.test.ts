import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';
import { listener } from '../support/advice.ts';
import { schemaErrors } from '../support/schema.ts';
import { somePort } from '../support/sockets.ts';

// As users get it.
const { why }: typeof Api = await import(packagePath('dist/index.js'));

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function server(port: number): Promise<ChildProcess> {
  const [program = '', ...args] = listener(port);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('why() with kill', () => {
  test('ends the holder of the port, and reports that it waits for the end', async () => {
    const port = somePort();
    const { pid } = await server(port);
    const events: Api.WhyEvent[] = [];
    const document = await why(port, { kill: true, wait: '20s', onEvent: (event) => events.push(event) });
    expect(schemaErrors('why', document)).toEqual([]);
    expect(document).toMatchObject({
      situation: 'free',
      ended: { processes: [{ pid, result: 'ended' }], boundAfterMs: expect.any(Number) },
    });
    expect(events).toEqual([{ type: 'ending', port, leftMs: 20_000 }]);
  });

  test('asks its function with what would be ended, and ends nothing without a yes', async () => {
    const port = somePort();
    const child = await server(port);
    const plans: Api.EndingPlanDocument[] = [];
    const document = await why(port, {
      kill: (plan) => {
        plans.push(plan);
        return false;
      },
    });
    expect(document).toMatchObject({ verdict: 'held', ended: null });
    expect(plans).toMatchObject([
      { processes: [{ pid: child.pid, role: 'holder' }], commands: [], refused: [] },
    ]);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    const after = await why(port, { kill: async ({ processes }) => processes.length === 1, wait: '20s' });
    expect(after.ended).toMatchObject({ processes: [{ pid: child.pid, result: 'ended' }] });
  });

  test('ends nothing any more once its signal has aborted', async () => {
    const port = somePort();
    const child = await server(port);
    const abort = new AbortController();
    const kill = () => {
      abort.abort(new Error('enough'));
      return true;
    };
    await expect(why(port, { kill, abortSignal: abort.signal })).rejects.toThrow('enough');
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });

  test.each([
    ['nothing named', () => why([], { kill: true }), 'no-port'],
    ['a Unix socket', () => why('/x', { kill: true }), 'no-port'],
    ['another machine', () => why(80, { kill: true, on: 'env' }), 'kill-elsewhere'],
  ])('of %s is an error with a code', async (_, call, code) => {
    await expect(call()).rejects.toMatchObject({ name: 'UsageError', code });
  });
});
