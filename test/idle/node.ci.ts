import { describe, expect, test } from 'vitest';
import { idle } from '../support/idle.ts';
import { node } from './servers.ts';

describe.concurrent('a server of Node', () => {
  test('closes a second later than keepAliveTimeout, after one request as after several', async () => {
    const {
      probes,
      idle: measured,
      keepAlive,
      verdict,
      settings,
    } = await idle('--client-idle', '60s', '--', ...node, '200');
    const used = probes.filter(({ requests }) => requests > 0);
    expect(used.map(({ requests, result, by }) => ({ requests, result, by }))).toEqual(
      [1, 1, 3].map((requests) => ({ requests, result: 'closed', by: 'FIN' })),
    );
    for (const { idleMs } of used) expect(idleMs).toBeGreaterThan(1150);
    // By default it would be five seconds more.
    expect(measured.ms).toBeLessThan(5500);
    expect(keepAlive).toMatchObject({ timeoutS: 0, keeps: 'yes' });
    expect(verdict).toBe('race possible');
    expect(settings[0]).toEqual({ of: 'Node', setting: 'server.keepAliveTimeout = 65_000' });
  });

  test('has no race with a client that gives up first', async () => {
    const { verdict, comparisons, probes } = await idle('--client-idle', '300ms', '--', ...node, '60000');
    expect(verdict).toBe('no race');
    expect(comparisons[0]?.reason).toMatch(/the client gives up first/);
    expect(probes.map(({ result }) => result)).toEqual(['open', 'open', 'open', 'open']);
  });

  test('has no race when its own setting is followed', async () => {
    const before = await idle('--client-idle', '1500ms', '--', ...node, '200');
    expect(before.verdict).toBe('race possible');
    const advised = /server\.keepAliveTimeout = (\d+)_000/.exec(before.settings[0]?.setting ?? '')?.[1];
    const after = await idle('--client-idle', '1500ms', '--', ...node, `${advised}000`);
    expect(after.verdict).toBe('no race');
  });

  test('is compared, by its hint, with a client that reads hints', async () => {
    const { verdict, comparisons } = await idle('--client', 'undici', '--', ...node, '3000');
    expect(comparisons[0]?.clientIdleMs).toBe(1000);
    expect(verdict).toBe('no race');
  });

  test('is watched for as long as its hint makes the client keep a connection', async () => {
    const { verdict, comparisons } = await idle('--client', 'undici', '--', ...node, '9000');
    expect(comparisons[0]?.clientIdleMs).toBe(7000);
    expect(verdict).toBe('no race');
  });

  test('is not called safe when it was watched for less than the client keeps a connection', async () => {
    const { verdict, comparisons } = await idle(
      '--client',
      'aws-alb',
      '--for',
      '300ms',
      '--',
      ...node,
      '60000',
    );
    expect(verdict).toBe('not measured');
    expect(comparisons[0]?.reason).toMatch(
      /did not close within \d+ ms, and the client keeps a connection for 60 s/,
    );
  });
});
