import { expect, test } from 'vitest';
import type { LostRequest, Moments, Phase } from '../../../src/restart/load/account.ts';
import { lossesOf } from '../../../src/restart/load/losses.ts';
import type { Exit } from '../../../src/restart/load/lost.ts';
import type { LoadOptions } from '../../../src/restart/load/options.ts';

const moments: Moments = {
  ...{
    loadFrom: 0,
    signal: 1000,
    listenerGone: 1010,
    exited: 1410,
    lastAlive: 1405,
    started: 1420,
    listens: 1700,
  },
  ...{ answers: 1750, listensSeenBy: 'calls', goneSeenBy: 'notice', exitSeenBy: 'wait' },
};

const refused: Omit<LostRequest, 'phase'> = {
  ...{ id: 1, kind: 'new', class: 'refused', endedBy: 'error', code: 'ECONNREFUSED', status: null, bytes: 0 },
  ...{ delimited: 'itself', announcesClose: false, connection: 0, localPort: 0, use: 1, previous: null },
  ...{
    startedAt: 1100,
    connectedAt: null,
    endedAt: 1101,
    sentAt: null,
    followedBy: null,
    reason: 'no listener',
    cause: 'outage',
  },
};

function explanationOf(phases: readonly Phase[], exit: Exit): string | undefined {
  const lost = phases.map((phase) => ({ ...refused, phase }));
  const options = {} as LoadOptions;
  return lossesOf(lost, { moments, exit, language: 'Node', signal: 'SIGTERM', options })[0]?.explanation;
}

test('an outage names the requests that were refused while the old server drained', () => {
  expect(explanationOf(['closing', 'closing', 'down'], 'by itself')).toBe(
    '3 requests were refused while nothing listened, from 10 ms to 700 ms after the signal: a better shutdown cannot avoid that. 2 of them came during the 400 ms in which the old server drained without a listener: draining saves requests in flight, and makes the outage longer.',
  );
});

test.each([
  ['nothing was refused during the drain', ['down'], 'by itself'],
  ['the signal ended the server, which did not drain', ['closing', 'down'], 'by the signal'],
] as const)('an outage says nothing of a drain if %s', (_, phases, exit) => {
  expect(explanationOf(phases, exit)).not.toContain('drained');
});
