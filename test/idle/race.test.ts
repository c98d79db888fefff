import { expect, test } from 'vitest';
import { idleClients, ownClient } from '../../src/idle/clients.ts';
import type { ProbeResult } from '../../src/idle/probe.ts';
import { compare, hitsPerS, saidBy, serverIdleOf, withIdleCloses } from '../../src/idle/race.ts';

const load = { ratePerS: 100, windowMs: 1 };

test.each([
  // A server that is longer by less than a second is not longer: both timers are coarse.
  [60_000, 60_000, 'race possible'],
  [60_000, 61_000, 'race possible'],
  [60_000, 61_001, 'no race'],
  [60_000, 5000, 'race possible'],
  [4000, 6000, 'no race'],
] as const)('a client of %d ms and a server of %d ms: %s', (clientMs, idleMs, verdict) => {
  expect(compare(ownClient(clientMs), { state: 'closes', idleMs }, null, load).verdict).toBe(verdict);
});

test('a client without a limit outlasts every server that closes', () => {
  expect(compare(idleClients.requests, { state: 'closes', idleMs: 3_600_000 }, null, load).verdict).toBe(
    'race possible',
  );
});

test('a server that was open for less than the client keeps a connection is not measured', () => {
  expect(compare(ownClient(60_000), { state: 'open', watchedMs: 60_500 }, null, load).verdict).toBe(
    'not measured',
  );
  expect(compare(ownClient(60_000), { state: 'open', watchedMs: 61_100 }, null, load).verdict).toBe(
    'no race',
  );
});

test('only clients that read Keep-Alive: timeout= go by it', () => {
  const closes = { state: 'closes', idleMs: 3500 } as const;
  expect(compare(idleClients.undici, closes, 3, load)).toMatchObject({ clientMs: 1000, verdict: 'no race' });
  // A hint replaces undici's own time; it can only shorten that of Node's agent.
  expect(compare(idleClients.undici, closes, 60, load)).toMatchObject({
    clientMs: 58_000,
    verdict: 'race possible',
  });
  expect(compare(idleClients.undici, closes, 6000, load)).toMatchObject({ clientMs: 600_000 });
  expect(compare(idleClients['node-agent'], closes, 60, load)).toMatchObject({ clientMs: 5000 });
  expect(compare(idleClients['node-agent'], closes, 3, load)).toMatchObject({
    clientMs: 2000,
    verdict: 'no race',
  });
  expect(compare(idleClients.go, closes, 3, load)).toMatchObject({
    clientMs: 90_000,
    verdict: 'race possible',
  });
});

test('the estimate is the most that any number of connections gives', () => {
  const [rate, windowS, idleS] = [100, 0.02, 5];
  // Of n connections: how many requests come in the window around the timeout, by the exponential distribution.
  const hits = (n: number) => {
    const mean = n / rate;
    return rate * (Math.exp(-(idleS - windowS / 2) / mean) - Math.exp(-(idleS + windowS / 2) / mean));
  };
  const most = Math.max(...Array.from({ length: 5000 }, (_, n) => hits(n + 1)));
  expect(hitsPerS(rate, windowS * 1000, idleS * 1000)).toBeCloseTo(most, 4);
});

const probe = (requests: number, ending: ProbeResult['ending'], keeps = true): ProbeResult => ({
  ...{ requests, ending, notice: null, rttMs: null, local: null },
  head: { status: 200, version: '1.1', keeps, timeoutS: 5, max: null, server: null },
});

test('the earliest close counts, and not that of a connection without a request', () => {
  const closed = (idleMs: number) => ({ state: 'closed', idleMs, by: 'FIN' }) as const;
  const probes = [probe(0, closed(10)), probe(1, closed(5000)), probe(3, closed(4000))];
  expect(serverIdleOf(probes)).toEqual({ state: 'closes', idleMs: 4000 });
  expect(saidBy(probes[1]?.head ?? null, serverIdleOf(probes))).toMatchObject({ keeps: 'closes earlier' });
});

const usedUp = (quietMs: number) => ({ state: 'used up', answers: 1, quietMs, by: 'FIN' }) as const;

test.each([
  ['as late as others was idle', 400, 395, { state: 'closes', idleMs: 395 }],
  ['earlier was used up', 400, 3, { state: 'closes unannounced', answers: 1 }],
  ['of a server that closes at once was used up', 2, 3, { state: 'closes unannounced', answers: 1 }],
])('a connection that ends between two requests %s', (_, idleMs, quietMs, expected) => {
  const others = probe(1, { state: 'closed', idleMs, by: 'FIN' });
  expect(serverIdleOf(withIdleCloses([others, probe(3, usedUp(quietMs))]))).toEqual(expected);
});

test('an answer with Connection: close is not an unannounced end', () => {
  expect(serverIdleOf([probe(3, usedUp(0), false)])).toEqual({ state: 'says close' });
  expect(serverIdleOf([probe(3, usedUp(0))])).toMatchObject({ state: 'closes unannounced' });
});
