import { describe, expect, test } from 'vitest';
import type { IdleDocument } from '../../src/report/documents/idle.ts';
import { idleCases } from '../../src/report/idle/cases.ts';
import { idleText } from '../../src/report/idle/text.ts';
import { createPaint } from '../../src/report/paint.ts';

const paint = await createPaint('never', false);

const document: IdleDocument = {
  schemaVersion: 1,
  ...{ address: '127.0.0.1', port: 8080, tls: false, path: '/' },
  server: {
    says: 'nginx/1.22.1',
    process: { pid: 4242, command: `nginx: master process ${'x'.repeat(200)}` },
  },
  probes: [
    probe(0, { result: 'open', by: null, idleMs: 6100 }),
    probe(1, { idleMs: 6012 }),
    probe(1, { by: 'RST', notice: 'HTTP/1.1 408 Request Timeout' }),
    probe(3, { result: 'used up', by: null, idleMs: null, answers: 1 }),
  ],
  idle: { state: 'closes', ms: 6012 },
  keepAlive: { timeoutS: 5, keeps: 'yes', longerMs: 1012 },
  comparisons: [
    {
      client: 'AWS Application Load Balancer',
      clientIdleMs: 60_000,
      source: `https://docs.aws.amazon.com/${'a'.repeat(90)}`,
      verdict: 'race possible',
      reason: 'the server closes first, after 6.0 s: the client keeps a connection for 60 s',
      risk: { ratePerS: 100, windowMs: 0.1, hitsPerS: 0.0006 },
    },
  ],
  compared: 'one',
  settings: [{ of: 'nginx', setting: 'keepalive_timeout 65s;' }],
  silence: { reason: null, keepalive: 'off', firstProbeMs: null, others: 3, silent: 2 },
  provoked: [
    {
      ...{
        client: 'haproxy',
        holdMs: 25,
        sent: 10,
        elsewhere: 1,
        repeated: 2,
        lost: 3,
        badGateway: 4,
        gaveUpFirst: 0,
      },
      errors: { 'ECONNRESET: socket hang up': 3 },
    },
  ],
  verdict: 'race possible',
  durationMs: 6500,
};

function probe(
  requests: number,
  rest: Partial<IdleDocument['probes'][number]>,
): IdleDocument['probes'][number] {
  const usual = { result: 'closed', idleMs: 6000, by: 'FIN', notice: null, answers: null } as const;
  return { requests, ...usual, ...{ reason: null, status: 200, saysClose: false }, ...rest };
}

test('the text fits on 80 columns, but for long URLs', () => {
  for (const compared of ['one', 'all'] as const)
    for (const line of idleText({ ...document, compared }, paint))
      if (!/^ *https:\S+$/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
});

test('a long URL stays whole, and can be opened and copied', () => {
  const [first] = document.comparisons;
  if (first === undefined) throw new Error('no client');
  const url = `https://docs.example.com/${'elasticloadbalancing/'.repeat(4)}application-load-balancers.html`;
  const changed = { ...document, comparisons: [{ ...first, source: `${url} (idle_timeout)` }] };
  const text = idleText({ ...changed, compared: 'one' }, paint);
  expect(text).toContain(`    ${url}`);
  expect(text).toContain('    (idle_timeout)');
});

test('the text reports the measurement, the conclusion, the remedy and its cost', () => {
  const text = idleText(document, paint).join('\n').replaceAll(/\n +/g, ' ');
  for (const part of [
    'before a request did not close within 6.1 s',
    'after one request closed after 6.0 s by FIN',
    'closed after 6.0 s by RST, with "HTTP/1.1 408 Request Timeout"',
    'after 3 requests closed after one answer, without Connection: close',
    'Keep-Alive: timeout=5, and keeps connections 1.0 s longer',
    '2 of 3 other connections have no timer now',
    'race possible: the server closes first, after 6.0 s',
    'At 100 requests/s and a round trip of 0.10 ms, at most one in 28 min',
    'nginx: keepalive_timeout 65s;',
    '3 lost (ECONNRESET: socket hang up), 4 answered with 502, 503 or 504, 2 sent again',
  ])
    expect(text.replaceAll(/ +/g, ' ')).toContain(part);
});

describe('for CI', () => {
  test.each([
    ['no race', 'passed'],
    ['race possible', 'failed'],
    ['not measured', 'undecided'],
  ] as const)('%s is %s', (verdict, state) => {
    const comparisons = document.comparisons.map((one) => ({ ...one, verdict }));
    const [result, ...others] = idleCases({ ...document, comparisons, verdict });
    expect(result?.result.state).toBe(state);
    expect(others).toEqual([]);
  });

  test('the name is the same in the next run, whatever came out', () => {
    expect(idleCases(document)[0]?.title).toBe(
      '127.0.0.1:8080: AWS Application Load Balancer gives up first',
    );
  });
});
