import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, type Endpoint } from '../../../src/address.ts';
import { type Connection, connectionsOf } from '../../../src/observe/packets/connections.ts';
import { forge, onesComplementSum } from '../../../src/observe/packets/forge.ts';
import {
  decodeSegment,
  type Flag,
  flagNames,
  has,
  type Segment,
  timestampsAt,
} from '../../../src/observe/packets/segment.ts';
import { makePacket } from '../../support/packets.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const number = fc.nat(0xffff_ffff);
const ends = fc
  .oneof(
    fc.tuple(fc.ipV4(), fc.ipV4()),
    fc.tuple(fc.ipV6(), fc.ipV6()).map(([a, b]) => [pure(a), pure(b)] as const),
  )
  .chain(([from, to]) =>
    fc.record({
      from: port.map((port) => ({ address: from, port })),
      to: port.map((port) => ({ address: to, port })),
    }),
  );

// A v4-mapped address on the wire is not what anybody sends.
function pure(text: string): string {
  const address = canonicalAddress(text) ?? '::1';
  return address.includes(':') ? address : '::1';
}

const made = fc.record({
  ends,
  sequence: number,
  acknowledgment: number,
  flags: fc.subarray([...flagNames]),
  window: fc.nat(0xffff),
  timestamps: fc.option(fc.record({ value: number, echo: number }), { nil: null }),
  data: fc.uint8Array({ maxLength: 300 }),
});

describe('a segment', () => {
  test('is read as it was made', () => {
    fc.assert(
      fc.property(made, ({ ends: { from, to }, data, ...rest }) => {
        const packet = makePacket({ from, to, data: Buffer.from(data), ...rest });
        const { acknowledgment, flags, ...others } = rest;
        const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
        const known = hex(from.port, 4) + hex(to.port, 4) + hex(rest.sequence, 8);
        expect(decodeSegment(packet, 42)).toEqual({
          at: 42,
          from,
          to,
          ...others,
          flags,
          acknowledgment: flags.includes('ACK') ? acknowledgment : null,
          length: data.length,
          header: expect.stringMatching(new RegExp(`^${known}[0-9a-f]{16}$`)),
          packet,
          source: 'kernel',
          unheard: false,
        });
      }),
    );
  });

  test('nothing of chance is taken for one, or breaks the reading', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const segment = decodeSegment(Buffer.from(bytes), 0);
        if (segment !== undefined) expect(segment.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test('several flags are all asked for', () => {
  expect(has({ flags: ['SYN', 'ACK'] }, 'SYN', 'ACK')).toBe(true);
  expect(has({ flags: ['SYN'] }, 'SYN', 'ACK')).toBe(false);
});

describe('the timestamps of a segment', () => {
  const option = [8, 10, 0, 0, 0, 7, 0, 0, 0, 9];

  test.each([
    ['stand alone', option, 2],
    ['follow two of no operation', [1, 1, ...option], 4],
    // Its value, 2058, begins with the number of the other option.
    ['are not taken from the value of the option before', [2, 4, 8, 10, ...option], 6],
  ])('%s', (_, bytes, at) => {
    expect(timestampsAt(Buffer.from(bytes))).toBe(at);
  });

  test.each([
    ['there are no options', []],
    ['the options end before', [0, 2, ...option]],
    ['the option before has no length', [2, 0, ...option]],
    ['the option before is cut off', [2]],
    ['they are cut off', option.slice(0, 9)],
    ['there are only others', [2, 4, 5, 180, 1, 1]],
  ])('are not there if %s', (_, bytes) => {
    expect(timestampsAt(Buffer.from(bytes))).toBeUndefined();
  });
});

describe('a segment that is sent again', () => {
  test('is as it was requested, and its checksum holds', () => {
    fc.assert(
      fc.property(made, number, number, ({ ends: { from, to }, data, ...rest }, sequence, timestampValue) => {
        const packet = makePacket({ from, to, data: Buffer.from(data), ...rest });
        const changes = { sequence, ...(rest.timestamps === null ? {} : { timestampValue }) };
        const forged = forge(packet, changes);
        const segment = decodeSegment(forged, 0);
        expect(segment?.sequence).toBe(sequence);
        if (rest.timestamps !== null) expect(segment?.timestamps?.value).toBe(timestampValue);
        expect(tcpSum(forged)).toBe(0);
      }),
    );
  });

  test('word for word differs in its checksum at the most', () => {
    const packet = makePacket({ flags: ['ACK', 'PSH'], data: Buffer.from('hello') });
    const forged = forge(packet);
    packet.copy(forged, 36, 36, 38);
    expect(forged).toEqual(packet);
  });
});

/** 0 where the checksum that the segment carries is right. */
function tcpSum(packet: Buffer): number {
  const ipv4 = (packet[0] ?? 0) >> 4 === 4;
  const tcp = packet.subarray(ipv4 ? 20 : 40);
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(tcp.length, 0);
  rest.writeUInt32BE(6, 4);
  return onesComplementSum([packet.subarray(...(ipv4 ? [12, 20] : [8, 40])), rest, tcp]);
}

const client: Endpoint = { address: '127.0.0.1', port: 50_000 };
const server: Endpoint = { address: '127.0.0.1', port: 80 };

function segment(sender: 'client' | 'server', flags: Flag[], sequence: number, acknowledgment = 0): Segment {
  const [from, to] = sender === 'client' ? [client, server] : [server, client];
  const made = decodeSegment(makePacket({ from, to, flags, sequence, acknowledgment }), 0);
  if (made === undefined) throw new Error('not made');
  return made;
}

function essence({ segments }: Connection): unknown[] {
  return segments.map(({ sender, flags, relativeSequence, relativeAcknowledgment }) =>
    [sender, flags.join(' '), relativeSequence, relativeAcknowledgment].join(' '),
  );
}

describe('segments come together to connections', () => {
  test('with numbers that count from the SYN of each side, even beyond 2^32', () => {
    const [a, b] = [0xffff_fffe, 5];
    const [connection] = connectionsOf([
      segment('client', ['SYN'], a),
      segment('server', ['SYN', 'ACK'], b, a + 1),
      segment('client', ['ACK'], 3, b + 1),
    ]);
    expect(essence(connection as Connection)).toEqual([
      'client SYN 0 ',
      'server SYN ACK 0 1',
      'client ACK 5 1',
    ]);
  });

  test('and a new SYN of the pair begins a new one; one that is sent again does not', () => {
    const connections = connectionsOf([
      segment('client', ['SYN'], 100),
      segment('client', ['SYN'], 100),
      segment('server', ['SYN', 'ACK'], 300, 101),
      segment('client', ['ACK'], 101, 301),
      segment('client', ['SYN'], 900),
      segment('client', ['ACK'], 101, 301),
    ]);
    expect(connections.map(essence)).toEqual([
      ['client SYN 0 ', 'client SYN 0 ', 'server SYN ACK 0 1', 'client ACK 1 1'],
      // An old duplicate lies before the new connection's numbers.
      ['client SYN 0 ', 'client ACK -799 1'],
    ]);
  });

  test('even if both sides open at once', () => {
    const connections = connectionsOf([segment('client', ['SYN'], 100), segment('server', ['SYN'], 300)]);
    expect(connections).toHaveLength(1);
  });

  test('each pair has its own, even if their addresses look the same without a gap', () => {
    const at = (address: string, port: number): Endpoint => ({ address, port });
    const pairs = [
      [at('127.0.0.1', 8), at('127.0.0.1', 80)],
      [at('127.0.0.1', 812), at('7.0.0.1', 80)],
      [at('127.0.0.1', 9), at('127.0.0.1', 80)],
    ] as const;
    const segments = pairs.map(
      ([from, to]) => decodeSegment(makePacket({ from, to, flags: ['ACK'] }), 0) as Segment,
    );
    expect(connectionsOf([...segments, ...segments]).map(({ segments }) => segments.length)).toEqual([
      2, 2, 2,
    ]);
  });

  test('a side that was silent begins where the other acknowledges', () => {
    const [connection] = connectionsOf([
      segment('client', ['ACK'], 101, 301),
      segment('server', ['ACK', 'PSH'], 301, 101),
    ]);
    expect(essence(connection as Connection)).toEqual(['client ACK 0 1', 'server PSH ACK 1 0']);
  });

  test('the server may be the one that connects the next time', () => {
    const connections = connectionsOf([
      segment('client', ['SYN'], 100),
      segment('server', ['RST', 'ACK'], 0, 101),
      segment('server', ['SYN'], 500),
    ]);
    expect(connections.map(({ client }) => client.port)).toEqual([50_000, 80]);
  });
});
