import { expect, test } from 'vitest';
import type { Diagnosis, Holder } from '../../src/diagnose/diagnosis.ts';
import { whenFreed } from '../../src/diagnose/free-in.ts';
import { meaningOfTrouble } from '../../src/diagnose/meaning-of-troubles.ts';
import { noticesOf } from '../../src/diagnose/notices.ts';
import type { ProcessFacts } from '../../src/diagnose/process-facts.ts';
import type { Shortage } from '../../src/diagnose/situation/shortages.ts';
import { harmless } from '../../src/foreign.ts';
import type { Row } from '../../src/observe/row.ts';

const here = { address: '10.9.0.2', port: 5984 };
const client = { pid: 52, command: harmless('python3 client.py') } as ProcessFacts;

function holder(of: Partial<Holder>): Holder {
  return {
    kind: 'connection',
    state: 'CLOSE_WAIT',
    owner: 'process',
    meets: true,
    count: 40,
    addresses: ['10.9.0.2'],
    remotes: [here],
    processes: [],
    receiveQueue: 0,
    leftMs: null,
    waitingFor: null,
    ...of,
  } as Holder;
}

function diagnosis(of: Partial<Diagnosis>): Diagnosis {
  const none = { holders: [], clients: [], sockets: [], udp: [], verdict: 'held', bind: {} };
  return { ...none, port: 5984, freeInMs: null, ...of } as unknown as Diagnosis;
}

test('clients of an address of this machine are not reported as clients of a service elsewhere', () => {
  const clients = [holder({ kind: 'client', owner: 'none', state: 'FIN_WAIT1' })];
  expect(noticesOf(diagnosis({ clients }), [], [])).toEqual([
    expect.stringContaining("the clients' ends of connections to the port here"),
  ]);
  const elsewhere = [holder({ kind: 'client', addresses: ['10.9.0.1'], state: 'ESTABLISHED' })];
  expect(noticesOf(diagnosis({ clients: elsewhere }), [], [])).toEqual([
    expect.stringContaining('a service elsewhere'),
  ]);
});

test("connections that another user's process has not closed are reported, on either side", () => {
  const listener = holder({ kind: 'listener', state: 'LISTEN', owner: 'unseen' });
  const unseen = { owner: 'unseen', processes: [] } as const;
  expect(noticesOf(diagnosis({ holders: [listener, holder(unseen)] }), [], [])).toEqual([
    expect.stringContaining(
      '40 connections are in CLOSE_WAIT: their peers have closed, and the process has not',
    ),
  ]);
  expect(noticesOf(diagnosis({ clients: [holder({ kind: 'client', ...unseen })] }), [], [])).toEqual([
    expect.stringContaining('the service there has closed, and the client has not'),
  ]);
});

test('one of many other sides is named as an example, without a comma too many', () => {
  const left = holder({ state: 'FIN_WAIT2', owner: 'none', leftMs: 59_000 });
  const end = { address: '10.9.0.2', port: 55_136 };
  const socket = { local: end, remote: here, processes: [{ pid: 52 }] } as unknown as Row;
  const found = {
    freeInMs: 59_000,
    holders: [{ ...left, remotes: [end] }],
    clients: [holder({ kind: 'client', processes: [client] })],
    sockets: [socket],
  };
  expect(whenFreed(diagnosis(found))).toContain(
    '(such as the client, pid 52 (python3 client.py)) closes before',
  );
});

test('a shortage whose program is not visible is reported in whole sentences', () => {
  const shortage = { remote: here, address: '10.9.0.1', used: 51, inTimeWait: 0, ports: 51, process: null };
  expect(meaningOfTrouble({ kind: 'out of ports', shortage: shortage as unknown as Shortage })).toContain(
    'EADDRNOTAVAIL. A program of this machine makes these connections',
  );
});
