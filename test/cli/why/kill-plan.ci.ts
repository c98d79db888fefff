import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../../src/diagnose/diagnosis.ts';
import { planEnding } from '../../../src/diagnose/ending/plan.ts';
import { harmless } from '../../../src/foreign.ts';

describe('the plan', () => {
  type Parent = readonly [pid: number, command: string, relation?: 'fork' | 'exec' | null];
  const process = (pid: number, command: string, parents: readonly Parent[] = [], more = {}) => ({
    pid,
    command: harmless(command),
    user: null,
    uid: 0,
    condition: 'runs' as const,
    onTerminate: 'ends' as const,
    since: null,
    startTicks: 7,
    parents: parents.map(([pid, command, relation = 'exec']) => ({
      ...{ pid, command: harmless(command), relation },
    })),
    origins: [],
    ...more,
  });
  const unit = {
    kind: 'systemd unit',
    name: harmless('a.service'),
    stop: ['systemctl', 'stop', 'a.service'],
  };
  const own = {
    pid: 100,
    parents: [{ pid: 90, command: harmless('bash'), relation: 'exec' as const }],
    origins: [],
  };
  const planFor = (holder: ReturnType<typeof process>, mine: object = own) => {
    const holders = [{ meets: true, processes: [holder] }];
    return planEnding({ holders } as unknown as Diagnosis, { ...own, ...mine });
  };
  const pids = ({ victims }: ReturnType<typeof planFor>) => victims.map(({ pid }) => pid);

  test.each([
    [1, 'the first process'],
    [100, 'this command itself'],
    [90, 'runs below it'],
  ])('never ends pid %d', (pid, reason) => {
    const { victims, refused } = planFor(process(pid, 'x'));
    expect(victims).toEqual([]);
    expect(refused).toMatchObject([{ pid, reason: expect.stringContaining(reason) }]);
  });

  test.each([
    ['nodemon', 'node /usr/bin/nodemon server.js'],
    ['node --watch', 'node --watch server.js'],
    ['tsx watch', 'node /x/tsx watch server.ts'],
    ['uvicorn --reload', 'python /usr/bin/uvicorn app:app --reload'],
    ['a reloader with the same command line', 'node server.js'],
  ])('has %s before its child', (_, command) => {
    expect(pids(planFor(process(50, 'node server.js', [[40, command]])))).toEqual([40, 50]);
  });

  test.each([
    ['a shell', [[40, 'bash -c node server.js']]],
    ['what this command runs below', [[90, 'nodemon server.js']]],
    ['pid 1', [[1, 'node --watch server.js']]],
    ['a process that has forked it', [[40, 'node server.js', 'fork']]],
    ['a process of which that is not known', [[40, 'node server.js', null]]],
  ] as const)('leaves %s alone', (_, parents) => {
    expect(pids(planFor(process(50, 'node server.js', [...parents] as Parent[])))).toEqual([50]);
  });

  test('stops a systemd unit by its command, and not the one that it runs in itself', () => {
    const holder = process(50, 'node server.js', [], { origins: [unit] });
    expect(planFor(holder)).toMatchObject({ victims: [], managers: [{ words: unit.stop }] });
    expect(pids(planFor(holder, { origins: [unit] }))).toEqual([50]);
  });
});
