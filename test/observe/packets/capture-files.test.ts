import { describe, expect, test } from 'vitest';
import { encodePcap } from '../../../src/observe/packets/pcap.ts';
import { encodePcapng } from '../../../src/observe/packets/pcapng.ts';
import { makePacket } from '../../support/packets.ts';

// What tcpdump and tshark make of such files is shown by pcap.test.ts; here are the bytes that the formats ask for.
const at = Date.UTC(2030, 0, 2, 3, 4, 5) + 678.9;
const hello = makePacket({ flags: ['ACK', 'PSH'], data: Buffer.from('hello') });
const six = makePacket({ from: { address: '::1', port: 5 }, to: { address: '::1', port: 80 } });

describe('a pcap file', () => {
  test('begins with its magic number, version 2.4, the longest packet, and LINKTYPE_RAW', () => {
    expect(encodePcap([]).toString('hex')).toBe(
      ['d4c3b2a1', '0200', '0400', '00000000', '00000000', '00000400', '65000000'].join(''),
    );
  });

  test('has each packet with its time in seconds and microseconds, in their order', () => {
    const first = recordOf(encodePcap([{ epochMs: at, packet: hello }]).subarray(24));
    expect(first).toEqual({
      seconds: Math.floor(at / 1000),
      microseconds: 678_900,
      captured: 45,
      original: 45,
    });
    const both = encodePcap([
      { epochMs: at, packet: hello },
      { epochMs: at + 1, packet: six },
    ]).subarray(24);
    expect(both.subarray(16, 16 + hello.length)).toEqual(hello);
    expect(recordOf(both.subarray(16 + hello.length))).toMatchObject({ microseconds: 679_900, captured: 60 });
    expect(both.subarray(16 + hello.length + 16)).toEqual(six);
  });

  test.each([
    ['IPv4', hello, 45],
    [
      'IPv6',
      makePacket({
        from: { address: '::1', port: 5 },
        to: { address: '::1', port: 80 },
        data: Buffer.alloc(99),
      }),
      159,
    ],
  ])('says how long a packet of %s was of which only the headers were captured', (_, packet, original) => {
    for (const captured of [40, 41, packet.length])
      expect(lengthsOf(packet.subarray(0, captured))).toEqual([captured, original]);
  });

  test.each([
    ['the header of IPv4 is all there is', hello.subarray(0, 20), 45],
    ['the header of IPv4 is cut off', hello.subarray(0, 19), 19],
    ['the header of IPv6 is cut off', six.subarray(0, 39), 39],
    ['it is of another protocol', Buffer.from('50ffffffffff'.repeat(10), 'hex'), 60],
    ['more was captured than its header says', Buffer.concat([hello, Buffer.alloc(15)]), 60],
    ['there is nothing', Buffer.alloc(0), 0],
  ])('takes its length from the header only if it is there: %s', (_, packet, original) => {
    expect(lengthsOf(packet)).toEqual([packet.length, original]);
  });
});

function lengthsOf(packet: Buffer): number[] {
  const { captured, original } = recordOf(encodePcap([{ epochMs: at, packet }]).subarray(24));
  return [captured, original];
}

function recordOf(record: Buffer) {
  const [seconds, microseconds, captured, original] = [0, 4, 8, 12].map((offset) =>
    record.readUInt32LE(offset),
  );
  return { seconds, microseconds, captured: captured ?? -1, original: original ?? -1 };
}

describe('a pcapng file', () => {
  test('has a section with the name of its application, and an interface of LINKTYPE_RAW', () => {
    const [section, interface_, ...rest] = blocksOf(encodePcapng([], 'tcpclose 1'));
    expect(section).toMatchObject({ type: 0x0a0d_0d0a });
    // Byte order, version 1.0, a section of unknown length.
    expect(section?.body.subarray(0, 16).toString('hex')).toBe('4d3c2b1a01000000ffffffffffffffff');
    expect(optionsOf(section?.body.subarray(16))).toEqual([[4, 'tcpclose 1']]);
    expect(interface_).toEqual({ type: 1, body: Buffer.from('6500000000000400', 'hex') });
    expect(rest).toEqual([]);
  });

  test('has each packet with its time in microseconds, its length, and its bytes to a full word', () => {
    const [, , first, second] = blocksOf(
      encodePcapng(
        [
          { epochMs: at, packet: hello, comment: '' },
          { epochMs: at + 1, packet: six, comment: '' },
        ],
        'tcpclose',
      ),
    );
    expect(first?.type).toBe(6);
    const body = first?.body ?? Buffer.alloc(0);
    const words = [0, 4, 8, 12, 16].map((offset) => body.readUInt32LE(offset));
    const [on, high = 0, low = 0, captured, original] = words;
    expect([on, captured, original]).toEqual([0, 45, 45]);
    expect(high * 2 ** 32 + low).toBe(Math.round(at * 1000));
    expect(body.subarray(20)).toEqual(Buffer.concat([hello, Buffer.alloc(3)]));
    expect(second?.body.subarray(20)).toEqual(six);
  });

  test.each(['why', 'four', 'é in two bytes'])('has a comment beside its packet: %s', (comment) => {
    const [, , packet] = blocksOf(encodePcapng([{ epochMs: at, packet: six, comment }], 'tcpclose'));
    expect(optionsOf(packet?.body.subarray(20 + six.length))).toEqual([[1, comment]]);
  });

  test('cuts off a comment that an option cannot hold', () => {
    const [, , packet] = blocksOf(
      encodePcapng([{ epochMs: at, packet: six, comment: 'x'.repeat(70_000) }], ''),
    );
    expect(optionsOf(packet?.body.subarray(20 + six.length))).toEqual([[1, 'x'.repeat(60_000)]]);
  });
});

interface Block {
  readonly type: number;
  readonly body: Buffer;
}

/** Each block has its length on both ends, so that a reader can go either way. */
function blocksOf(file: Buffer): Block[] {
  if (file.length === 0) return [];
  const length = file.readUInt32LE(4);
  expect(length % 4).toBe(0);
  expect(file.readUInt32LE(length - 4)).toBe(length);
  return [
    { type: file.readUInt32LE(0), body: file.subarray(8, length - 4) },
    ...blocksOf(file.subarray(length)),
  ];
}

function optionsOf(bytes: Buffer = Buffer.alloc(0)): [code: number, text: string][] {
  const [code, length] = [bytes.readUInt16LE(0), bytes.readUInt16LE(2)];
  if (code === 0) {
    expect(bytes.toString('hex')).toBe('00000000');
    return [];
  }
  const padded = length + ((4 - (length % 4)) % 4);
  expect(bytes.subarray(4 + length, 4 + padded).every((byte) => byte === 0)).toBe(true);
  return [[code, bytes.subarray(4, 4 + length).toString()], ...optionsOf(bytes.subarray(4 + padded))];
}
