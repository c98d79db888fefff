import { expect, test } from 'vitest';
import { factsOf } from '../../src/diagnose/process-facts.ts';
import { harmless } from '../../src/foreign.ts';

const mask = (...signals: readonly number[]) =>
  signals
    .reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n)
    .toString(16)
    .padStart(16, '0');

function factsFrom(state: string, flags: number, status: string) {
  const stat = `7 (a) b) ${state} 1 7 7 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0`;
  const files = { stat, status, cgroup: '', cmdline: 'server\0', environ: '' };
  return factsOf(7, harmless('x'), { byPid: new Map([[7, files]]), passwd: '', stat: '', ownUid: 0 });
}

test.each([
  ['S', 0x400000, '', 'runs'],
  ['T', 0x400000, '', 'stopped'],
  ['t', 0x400000, '', 'in a debugger'],
  ['D', 0x400004, '', 'ending'],
  ['Z', 0x400000, '', 'ending'],
  ['S', 0x400000, 'CoreDumping:\t1\n', 'dumping core'],
  ['S', 0x400000, 'CoreDumping:\t0\n', 'runs'],
])('in state %s with flags %i and %j it is %s', (state, flags, status, condition) => {
  expect(factsFrom(state, flags, status).condition).toBe(condition);
});

const SIGTERM = 15;
test.each([
  [mask(), mask(), mask(), '7', 'ends'],
  [mask(SIGTERM), mask(), mask(), '7', 'ignored'],
  [mask(), mask(), mask(SIGTERM, 2), '7', 'decides'],
  // mysqld and systemd block it, and take it by sigwait(3) or a signalfd.
  [mask(), mask(SIGTERM), mask(), '7', 'decides'],
  [mask(1), mask(), mask(2), '7', 'ends'],
  // The first process of a pid namespace, without a handler and with one.
  [mask(), mask(), mask(), '7\t1', 'ignored'],
  [mask(), mask(), mask(SIGTERM), '7\t1', 'decides'],
])(
  'ignoring %s, blocking %s and catching %s as %j, SIGTERM %s',
  (ignored, blocked, caught, pids, expected) => {
    const status = `NSpid:\t${pids}\nSigBlk:\t${blocked}\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;
    expect(factsFrom('S', 0, status).onTerminate).toBe(expected);
  },
);
