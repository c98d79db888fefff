import { describe, expect, test } from 'vitest';
import { connectionsOf } from '../../../src/observe/packets/connections.ts';
import { inFigure } from '../../../src/observe/packets/figure.ts';
import { decodeSegment, type Flag } from '../../../src/observe/packets/segment.ts';
import { makePacket } from '../../support/packets.ts';

const client = { address: '127.0.0.1', port: 50_000 };
const server = { address: '127.0.0.1', port: 80 };

type Sent = readonly [
  by: 'client' | 'server',
  flags: readonly Flag[],
  sequence: number,
  acknowledgment?: number,
];

function segmentsOf(sent: readonly Sent[]) {
  const segments = sent.map(([by, flags, sequence, acknowledgment]) => {
    const [from, to] = by === 'client' ? [client, server] : [server, client];
    const decoded = decodeSegment(
      makePacket({ from, to, flags, sequence, acknowledgment: acknowledgment ?? 0 }),
      0,
    );
    if (decoded === undefined) throw new Error('it is no segment');
    return decoded;
  });
  return connectionsOf(segments).flatMap((connection) => connection.segments);
}

const [mine, yours] = [3_000_000_000, 70_000];
const opening: readonly Sent[] = [
  ['client', ['SYN'], mine],
  ['server', ['SYN', 'ACK'], yours, mine + 1],
  ['client', ['ACK'], mine + 1, yours + 1],
];

describe('segments in the notation of RFC 9293', () => {
  test('are those of figure 12 if a client closes first, whatever numbers the kernel chose', () => {
    const closing = segmentsOf([
      ...opening,
      ['client', ['FIN', 'ACK'], mine + 1, yours + 1],
      ['server', ['ACK'], yours + 1, mine + 2],
      ['server', ['FIN', 'ACK'], yours + 1, mine + 2],
      ['client', ['ACK'], mine + 2, yours + 2],
    ]).slice(opening.length);
    expect(inFigure(closing, { sequence: 100, acknowledgment: 300 })).toEqual([
      'client <SEQ=100> <ACK=300> <CTL=FIN,ACK>',
      'server <SEQ=300> <ACK=101> <CTL=ACK>',
      'server <SEQ=300> <ACK=101> <CTL=FIN,ACK>',
      'client <SEQ=101> <ACK=301> <CTL=ACK>',
    ]);
  });

  test('are those of figure 6 when a connection opens, and the first SYN acknowledges nothing', () => {
    expect(inFigure(segmentsOf(opening), { sequence: 100, acknowledgment: 300 })).toEqual([
      'client <SEQ=100> <CTL=SYN>',
      'server <SEQ=300> <ACK=101> <CTL=SYN,ACK>',
      'client <SEQ=101> <ACK=301> <CTL=ACK>',
    ]);
  });

  test('name each control bit, ACK last, and those of congestion control not', () => {
    const flags: readonly Flag[] = ['FIN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'SYN'];
    expect(inFigure(segmentsOf([['server', flags, 5, 9]]), { sequence: 100, acknowledgment: 300 })).toEqual([
      // It sent the first SYN, so it is the client.
      'client <SEQ=100> <ACK=300> <CTL=SYN,FIN,RST,PSH,URG,ACK>',
    ]);
  });

  test('are empty if nothing was sent', () => {
    expect(inFigure([], { sequence: 100, acknowledgment: 300 })).toEqual([]);
  });
});
