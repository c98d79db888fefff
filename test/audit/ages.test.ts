import { expect, test } from 'vitest';
import type { Socket } from '../../src/audit/facts/sockets.ts';
import { hinderedFor } from '../../src/audit/parts/ages.ts';

/** What Linux 6.18 said of a connection 98.25 s after the first of 100 bytes that a rule of the other host dropped. */
const lost: Socket = {
  family: 'IPv4',
  state: 'ESTABLISHED',
  local: { address: '10.77.0.1', port: 30_000 },
  remote: { address: '10.77.0.2', port: 9001 },
  receiveQueue: 0,
  sendQueue: 100,
  timer: { kind: 'on', leftMs: 7864, retransmits: 8 },
  uid: 0,
  inode: 1,
  open: 'active',
  key: 1,
  backlog: 0,
  movement: {
    lastDataSentMs: 44_360,
    lastDataReceivedMs: 99_764,
    lastAckReceivedMs: 99_764,
    rtoMs: 52_224,
    backoff: 8,
    sendWindow: 65_536,
    receiveWindow: 64_512,
    busyMs: 98_252,
    recoveringMs: 97_837,
    probeMs: 200,
  },
};

test.each([
  ['that is the first loss of its connection', {}],
  ['of a connection that had been busy for long', { busyMs: 400_000 }],
  ['of a connection that had lost something before', { recoveringMs: null }],
])('the age of a loss %s is right within half a second, although timers fire late', (_, changed) => {
  const movement = lost.movement && { ...lost.movement, ...changed };
  const ms = hinderedFor({ ...lost, movement })?.ms ?? 0;
  expect(Math.abs(ms - 98_250)).toBeLessThan(500);
});

test('without the clock of the kernel, the sum of the timeouts is the least that has passed', () => {
  const movement = lost.movement && {
    ...lost.movement,
    recoveringMs: null,
    busyMs: 400_000,
    lastAckReceivedMs: 500_000,
  };
  expect(hinderedFor({ ...lost, movement })?.ms).toBe(96_380);
});
