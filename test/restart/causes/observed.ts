/** What a restart observed, for the tests of its cause. That real servers lead to such observations is shown by ../causes.test.ts and ../servers. */
import { describe, expect, test } from 'vitest';
import { harmless, harmlessLines } from '../../../src/foreign.ts';
import type { SignalDisposition } from '../../../src/observe/proc/status.ts';
import type { Row } from '../../../src/observe/row.ts';
import { causeOf } from '../../../src/restart/cause.ts';
import type { FirstProcess } from '../../../src/restart/first-process.ts';
import type { Observation, SecondStart, Survivor } from '../../../src/restart/trial.ts';
import type { Call } from '../../../src/supervisor/calls/call.ts';

export const [oldInode, otherInode] = [7001, 7002];

export const row: Row = {
  family: 'IPv4',
  state: 'FIN_WAIT2',
  local: { address: '127.0.0.1', port: 8080 },
  remote: { address: '127.0.0.1', port: 40_000 },
  receiveQueue: 0,
  sendQueue: 0,
  timer: null,
  processes: [],
  uid: 0,
  inode: 0,
  cookie: null,
  open: null,
};
export const listener: Row = {
  ...row,
  state: 'LISTEN',
  remote: { address: '0.0.0.0', port: 0 },
  inode: oldInode,
};
export const timeWait: Row = {
  ...row,
  state: 'TIME_WAIT',
  timer: { kind: 'timewait', leftMs: 42_000, retransmits: 0 },
};
export const by = (pid: number, name = 'node') => ({ pid, name: harmless(name) });

export const call: Call = {
  number: 1,
  call: 'bind',
  pid: 11,
  program: harmless('node'),
  fd: 20,
  family: 'IPv4',
  type: 'stream',
  address: '127.0.0.1',
  port: 8080,
  path: null,
  options: { reuseAddress: true, reusePort: false, v6Only: null },
  inode: otherInode,
  network: 'same',
  at: 0,
  result: 'EADDRINUSE',
  seen: 'just before',
  inTheWay: [],
};

const second: SecondStart = {
  result: 'failed',
  at: 0,
  listened: 'no',
  ended: { status: 1, signal: null },
  output: harmlessLines('Error: listen EADDRINUSE: address already in use :::8080'),
  acceptedBy: [],
  acceptor: 'own',
  sockets: [],
  ownBind: { state: 'not known' },
  calls: [],
  listensOn: [],
  missing: [],
  watchedMs: null,
};

export const seen: Observation = {
  target: { address: '127.0.0.1', port: 8080 },
  sighting: { seenBy: 'table' },
  others: [],
  watching: { state: 'on' },
  firstClients: 'some',
  signal: 'SIGTERM',
  language: 'other',
  disposition: null,
  dispositionThen: null,
  listenerDisposition: null,
  toldProcess: 'listened',
  stopped: { status: null, signal: 'SIGTERM', afterMs: 5 },
  stopTimeoutMs: 10_000,
  listenerOptions: {
    state: 'read',
    reuseAddress: false,
    reusePort: false,
  },
  listenerInodes: [oldInode],
  calls: [],
  reuseAddressAtBind: null,
  oldSockets: [],
  oldProcesses: [],
  stillListening: [],
  second,
  load: null,
  probe: { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'ok' },
  outageMs: null,
};

export const free = { withoutReuseAddress: 'ok', withReuseAddress: 'ok' } as const;
export const stuck = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'EADDRINUSE' } as const;
export const withOption = {
  state: 'read',
  reuseAddress: true,
  reusePort: false,
} as const;
export const unix = { path: harmless('/run/app.sock') };
export const mute = harmlessLines('');

export const survivor: Survivor = {
  pid: 12,
  parent: 10,
  name: harmless('node'),
  command: harmless('node worker.js'),
  listener: 'shared',
};

export const told: SignalDisposition = { ignored: [], caught: [], awaited: [], pending: [], role: 'other' };

export const first: FirstProcess = {
  pid: 21,
  name: harmless('node'),
  command: harmless('node server.js'),
  is: 'another program',
  child: null,
  disposition: told,
};

/** What was observed, beyond `seen` and `second`; null where there was no second start. */
export type Case = readonly [title: string, of: Partial<Observation>, ofSecond?: Partial<SecondStart> | null];

/** The cause in lines: code, explanation, remedy. */
function decided([, of, ofSecond = {}]: Case): string {
  const { code, explanation, remedy } = causeOf({
    ...seen,
    ...of,
    second: ofSecond === null ? null : { ...second, ...ofSecond },
  });
  return [code, explanation, remedy].join('\n');
}

/** A test for each case: its cause, word for word. */
export function describeCauses(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    test.each(cases.map((one) => [one[0], one] as const))('%s', (_, one) => {
      expect(decided(one)).toMatchSnapshot();
    });
  });
}
