import { describe, expect, test } from 'vitest';
import { runCases } from '../../../src/report/run/cases.ts';

describe('run', () => {
  const failure = {
    ...{ call: 'bind', address: '0.0.0.0', port: 80, path: null, pid: 42, times: 2, atMs: 12 },
    ...{ text: 'node has it', remedy: 'stop it', kind: 'other', holders: [{ pid: 9 }], result: 'EADDRINUSE' },
  };
  const document = {
    ...{ command: 'npm start', durationMs: 99, status: 1, disturbed: ['a name'], failures: [failure] },
    watching: { state: 'on', reason: null },
  };
  const of = (change: object) => runCases({ ...document, ...change } as never);

  test('passes if every bind passed, and not if nothing was watched', () => {
    expect(of({ failures: [] })).toEqual([
      {
        ...{ suite: 'npm start', className: 'tcpclose.run', name: 'every bind passes' },
        ...{ title: 'every bind passes', durationMs: 99, facts: {}, warnings: ['a name'] },
        result: { state: 'passed', remark: null },
      },
    ]);
    const watching = { state: 'off', reason: 'seccomp is refused' };
    expect(of({ failures: [], watching })[0]?.result).toEqual({
      state: 'skipped',
      reason: 'seccomp is refused',
    });
  });

  test('fails for each failed bind with its remedy, which is a warning if the command coped with it', () => {
    const [failed] = of({});
    expect(failed).toEqual({
      ...{ suite: 'npm start', className: 'tcpclose.run', durationMs: null, warnings: [] },
      ...{ name: 'bind to port 80 of 0.0.0.0 by pid 42', title: 'bind to port 80 of 0.0.0.0 by pid 42' },
      result: {
        state: 'failed',
        problems: [expect.objectContaining({ message: 'node has it.', type: 'other', remedy: 'stop it' })],
      },
      facts: { kind: 'other', pid: 42, times: 2, at_ms: 12, holder: 9 },
    });
    expect(of({ status: 0 })[0]).toMatchObject({
      result: { state: 'passed', remark: null },
      warnings: ['node has it. Remedy: stop it'],
    });
  });

  test.each([
    [{ address: null }, 'bind to port 80 by pid 42'],
    [{ port: null }, 'bind to a socket by pid 42'],
    [{ path: '/run/x' }, 'bind to /run/x by pid 42'],
  ])('names the place: %j', (change, name) => {
    expect(of({ failures: [{ ...failure, ...change, holders: [] }] })[0]).toMatchObject({
      name,
      facts: { holder: null },
    });
  });
});
