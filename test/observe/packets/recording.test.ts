import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/address.ts';
import { assembleRecording, type RecordedConnection } from '../../../src/observe/packets/recording.ts';
import { decodeSegment, type Flag, type Segment } from '../../../src/observe/packets/segment.ts';
import type { Transition } from '../../../src/observe/packets/transitions.ts';
import type { State } from '../../../src/state.ts';
import { makePacket } from '../../support/packets.ts';

const client: Endpoint = { address: '127.0.0.1', port: 40_000 };
const server: Endpoint = { address: '127.0.0.1', port: 80 };

interface Sent {
  readonly by: 'client' | 'server';
  readonly flags: readonly Flag[];
  readonly sequence?: number;
  readonly acknowledgment?: number;
}

function segment(at: number, { by, flags, sequence = 0, acknowledgment = 0 }: Sent): Segment {
  const [from, to] = by === 'client' ? [client, server] : [server, client];
  const packet = makePacket({
    from,
    to,
    flags,
    sequence,
    acknowledgment,
    window: 100,
    timestamps: null,
    data: Buffer.alloc(0),
  });
  const decoded = decodeSegment(packet, at);
  if (decoded === undefined) throw new Error('it is no segment');
  return decoded;
}

type Change = Partial<Transition> & { readonly by: 'client' | 'server'; readonly at: number };

function change(from: State | null, to: State | null, { by, ...rest }: Change): Transition {
  const [local, remote] = by === 'client' ? [client, server] : [server, client];
  return { notBefore: null, local, remote, socket: '1', from, to, processed: null, ...rest };
}

function processed({ header, at }: Segment, later = 0): Pick<Transition, 'processed'> {
  return { processed: { header, at: at + later } };
}

type Accounts = [segments: readonly Segment[], asked: readonly Transition[], traced?: readonly Transition[]];

function recordAll(...[segments, asked, traced]: Accounts): readonly RecordedConnection[] {
  const rest = { whyNotHeld: null, passed: 0, dropped: 0, unwatched: 0 };
  return assembleRecording({ segments, asked, traced, ...rest }).connections;
}

function record(...accounts: Accounts): RecordedConnection {
  const [connection] = recordAll(...accounts);
  if (connection === undefined) throw new Error('there is no connection');
  return connection;
}

const told = ({ transitions }: RecordedConnection) =>
  transitions.map(({ side, to, segmentAt }) => [side, to, segmentAt]);

const syn = segment(1, { by: 'client', flags: ['SYN'], sequence: 7 });

describe('the segment with which a change came', () => {
  test('is the one that was processed, even if its arrival has another time elsewhere', () => {
    const asked = [change(null, 'SYN_RECV', { by: 'server', at: 2, ...processed(syn, 0.4) })];
    expect(told(record([syn], asked))).toEqual([['server', 'SYN_RECV', 1]]);
  });

  test('is of several that are alike the one next in time', () => {
    const again = segment(5, { by: 'client', flags: ['SYN'], sequence: 7 });
    const asked = [change(null, 'SYN_RECV', { by: 'server', at: 6, ...processed(again, 0.1) })];
    expect(told(record([syn, again], asked))).toEqual([['server', 'SYN_RECV', 5]]);
  });

  test('is for a call of its own what the side has sent, though another one was just processed', () => {
    const ack = segment(2, { by: 'client', flags: ['ACK'], sequence: 8, acknowledgment: 1 });
    const fin = segment(2.1, { by: 'server', flags: ['FIN', 'ACK'], sequence: 1, acknowledgment: 8 });
    const asked = [
      change('SYN_RECV', 'FIN_WAIT1', { by: 'server', notBefore: 1.9, at: 2.2, ...processed(ack) }),
    ];
    expect(told(record([syn, ack, fin], asked))).toEqual([['server', 'FIN_WAIT1', 2.1]]);
  });

  test('is for an end by RST the one that was processed, or else the RST that the side has sent', () => {
    const rst = segment(9, { by: 'client', flags: ['RST'], sequence: 8 });
    const ends = [
      change('ESTABLISHED', null, { by: 'client', notBefore: 8.5, at: 9.1 }),
      change('ESTABLISHED', null, { by: 'server', notBefore: 8.9, at: 9.2, socket: '2', ...processed(rst) }),
    ];
    expect(told(record([syn, rst], ends))).toEqual([
      ['client', null, 9],
      ['server', null, 9],
    ]);
  });

  test('is not known if nothing came and nothing was sent', () => {
    const asked = [change('TIME_WAIT', null, { by: 'client', notBefore: 60_000, at: 60_001 })];
    expect(told(record([syn], asked))).toEqual([['client', null, null]]);
  });
});

describe('of two lives of a pair SYN_SENT belongs', () => {
  const next = segment(3, { by: 'client', flags: ['SYN'], sequence: 70_000 });
  const synSent = (when: Pick<Transition, 'notBefore' | 'at'>) =>
    recordAll([syn, next], [change(null, 'SYN_SENT', { by: 'client', ...when })]).map(
      ({ transitions }) => transitions.length,
    );

  test('to the life whose SYN had just come', () => {
    expect(synSent({ notBefore: null, at: 1.2 })).toEqual([1, 0]);
    expect(synSent({ notBefore: 0.5, at: 1.2 })).toEqual([1, 0]);
    expect(synSent({ notBefore: 1.5, at: 3.2 })).toEqual([0, 1]);
  });

  test('to the life whose SYN came next', () => {
    expect(synSent({ notBefore: 0.5, at: 0.8 })).toEqual([1, 0]);
    expect(synSent({ notBefore: 2.8, at: 2.9 })).toEqual([0, 1]);
  });
});

test('the reports of several hosts are merged in the order of time', () => {
  const asked = [
    change(null, 'SYN_RECV', { by: 'server', at: 2 }),
    change('SYN_RECV', 'ESTABLISHED', { by: 'server', at: 4, socket: '1' }),
    change(null, 'SYN_SENT', { by: 'client', at: 1.1, socket: '2' }),
    change('SYN_SENT', 'ESTABLISHED', { by: 'client', at: 3, socket: '2' }),
  ];
  expect(record([syn], asked).transitions.map(({ at }) => at)).toEqual([1.1, 2, 3, 4]);
});

test('numbers count from the SYN of a side, even in an older segment before it', () => {
  const segments = [
    syn,
    segment(2, { by: 'server', flags: ['ACK'], sequence: 500, acknowledgment: 3 }),
    segment(3, { by: 'server', flags: ['SYN', 'ACK'], sequence: 9000, acknowledgment: 8 }),
    segment(4, { by: 'client', flags: ['ACK'], sequence: 8, acknowledgment: 9001 }),
  ];
  const numbers = record(segments, []).segments.map(({ relativeSequence, relativeAcknowledgment }) => [
    relativeSequence,
    relativeAcknowledgment,
  ]);
  expect(numbers).toEqual([
    [0, null],
    [-8500, -4],
    [0, 1],
    [1, 1],
  ]);
});

describe('beside the tracepoints', () => {
  test('a request is in SYN_RECV from its SYN on, and not when a full socket is made of it', () => {
    const asked = [
      change(null, 'SYN_RECV', { by: 'server', at: 1.2, ...processed(syn) }),
      change('SYN_RECV', 'ESTABLISHED', { by: 'server', notBefore: 3, at: 4 }),
    ];
    const traced = [
      change(null, 'SYN_RECV', { by: 'server', notBefore: 3.5, at: 3.5, socket: '' }),
      change('SYN_RECV', 'ESTABLISHED', { by: 'server', notBefore: 3.51, at: 3.51, socket: '' }),
    ];
    expect(record([syn], asked, traced).transitions.map(({ to, at }) => [to, at])).toEqual([
      ['SYN_RECV', 1.2],
      ['ESTABLISHED', 3.51],
    ]);
  });

  test('SYN_SENT is reported once, by whichever has it', () => {
    const asked = [change(null, 'SYN_SENT', { by: 'client', at: 1.2 })];
    const traced = [change(null, 'SYN_SENT', { by: 'client', notBefore: 0.9, at: 0.9, socket: '' })];
    expect(record([syn], asked, traced).transitions.map(({ to, at }) => [to, at])).toEqual([
      ['SYN_SENT', 0.9],
    ]);
    expect(record([syn], asked, []).transitions.map(({ to, at }) => [to, at])).toEqual([['SYN_SENT', 1.2]]);
  });

  test('what was traced came with the segment around which it was asked for', () => {
    const fin = segment(5, { by: 'server', flags: ['FIN', 'ACK'], sequence: 1, acknowledgment: 8 });
    const asked = [
      change('FIN_WAIT1', 'TIME_WAIT', { by: 'client', notBefore: 5.1, at: 5.3, ...processed(fin) }),
    ];
    const traced = [
      change('FIN_WAIT1', 'FIN_WAIT2', { by: 'client', notBefore: 5.2, at: 5.2, socket: '' }),
      change('FIN_WAIT2', null, { by: 'client', notBefore: 5.21, at: 5.21, socket: '' }),
    ];
    expect(told(record([syn, fin], asked, traced))).toEqual([
      ['client', 'FIN_WAIT2', 5],
      ['client', 'TIME_WAIT', 5],
    ]);
  });

  test('a TIME_WAIT that a new connection of the pair replaces ends in the old one', () => {
    const fin = segment(5, { by: 'server', flags: ['FIN', 'ACK'], sequence: 1, acknowledgment: 8 });
    const next = segment(10, { by: 'client', flags: ['SYN'], sequence: 70_000 });
    const asked = [
      change('FIN_WAIT2', 'TIME_WAIT', { by: 'client', notBefore: 5.1, at: 5.3, ...processed(fin) }),
      change('TIME_WAIT', null, { by: 'client', notBefore: 9.9, at: 10.1 }),
      change(null, 'SYN_SENT', { by: 'client', notBefore: 9.9, at: 10.1, socket: '2' }),
    ];
    const traced = [change('FIN_WAIT2', null, { by: 'client', notBefore: 5.2, at: 5.2, socket: '' })];
    expect(recordAll([syn, fin, next], asked, traced).map(told)).toEqual([
      [
        ['client', 'TIME_WAIT', 5],
        ['client', null, null],
      ],
      [['client', 'SYN_SENT', 10]],
    ]);
  });

  test('a connect() that was refused at once has left nothing', () => {
    const asked = [change('TIME_WAIT', null, { by: 'client', notBefore: 60_000, at: 60_001 })];
    const traced = (within: number) => [
      change(null, 'SYN_SENT', { by: 'client', at: 40, socket: '' }),
      change('SYN_SENT', null, { by: 'client', at: 40 + within, socket: '' }),
    ];
    const reached = (within: number) => record([syn], asked, traced(within)).transitions.map(({ to }) => to);
    expect(reached(0.002)).toEqual([null]);
    expect(reached(0.5)).toEqual(['SYN_SENT', null, null]);
  });
});
