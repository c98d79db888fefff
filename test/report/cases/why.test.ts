import { describe, expect, test } from 'vitest';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { whyCases } from '../../../src/report/why/cases.ts';
import { saved } from '../saved.ts';

describe('why', () => {
  const answer = saved<WhyDocument>('why');

  test('passes for a port that can be bound, and fails for every other verdict with its advice', () => {
    const free = { ...answer, verdict: 'free', meaning: 'nothing holds it' } as WhyDocument;
    expect(whyCases(free as never)).toEqual([
      {
        ...{ suite: 'why', className: 'tcpclose.why', durationMs: null, warnings: [] },
        name: `port [::]:${answer.port} can be bound`,
        title: `port [::]:${answer.port} can be bound`,
        result: { state: 'passed', remark: 'nothing holds it' },
        facts: { verdict: 'free' },
      },
    ]);
    const held = {
      ...answer,
      verdict: 'held',
      meaning: 'it is held',
      advice: ['stop it', 'or wait'],
    } as never;
    expect(whyCases(held)[0]?.result).toMatchObject({
      state: 'failed',
      problems: [{ type: 'held', message: 'it is held', remedy: 'stop it', text: 'stop it\nor wait' }],
    });
    const helpless = { ...answer, verdict: 'held', meaning: 'it is held', advice: [] } as never;
    expect(whyCases(helpless)[0]?.result).toMatchObject({ problems: [{ remedy: null, text: '' }] });
  });

  test('has a case for each of several, a Unix socket by its name, and for each listener', () => {
    const socket = { type: 'socket', name: '/run/web.sock', verdict: 'free', meaning: 'nobody', advice: [] };
    const several = { type: 'several', answers: [answer, socket] } as never;
    expect(whyCases(several).map(({ name }) => name)).toEqual([
      `port [::]:${answer.port} can be bound`,
      '/run/web.sock can be bound',
    ]);
    expect(whyCases(socket as never).map(({ name }) => name)).toEqual(['/run/web.sock can be bound']);
    const processes = [{ pid: 7, command: 'node', user: 'web' }];
    const listeners = [{ protocol: 'TCP', port: 80, addresses: ['::', '0.0.0.0'], processes, user: null }];
    expect(whyCases({ type: 'listeners', listeners } as never)).toMatchObject([
      {
        name: 'TCP port 80 of ::, 0.0.0.0',
        result: { state: 'passed', remark: null },
        facts: { processes: [{ pid: 7, command: 'node' }] },
      },
    ]);
  });
});
