import { describe, expect, test } from 'vitest';
import { headerOf, readPacketLayout } from '../../src/native/headers.ts';
import { makePacket } from '../support/packets.ts';

const data = Buffer.from('hello');
const of4 = () => makePacket({ data });
const of6 = () =>
  makePacket({ from: { address: '2001:db8::1', port: 50_000 }, to: { address: '::1', port: 80 }, data });

/** The same with one byte changed. */
function changed(packet: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(packet);
  copy[at] = value;
  return copy;
}

/** With extension headers behind the one of IPv6: next header, length in units of 8 bytes beyond the first 8. */
function extended(kinds: readonly number[], lengths: readonly number[] = kinds.map(() => 0)): Buffer {
  const packet = of6();
  const all = [...kinds, 6];
  packet[6] = all[0] ?? 6;
  const headers = kinds.map((_, i) => {
    const header = Buffer.alloc(((lengths[i] ?? 0) + 1) * 8);
    header.set([all[i + 1] ?? 6, lengths[i] ?? 0]);
    return header;
  });
  const whole = Buffer.concat([packet.subarray(0, 40), ...headers, packet.subarray(40)]);
  whole.writeUInt16BE(whole.length - 40, 4);
  return whole;
}

describe('the layout of a packet', () => {
  test('is known of IPv4 and of IPv6', () => {
    expect(readPacketLayout(of4())).toEqual({
      ...{ family: 'IPv4', tcpAt: 20, dataAt: 40, end: 45 },
      ...{ from: { address: '127.0.0.1', port: 50_000 }, to: { address: '127.0.0.1', port: 80 } },
    });
    expect(readPacketLayout(of6())).toEqual({
      ...{ family: 'IPv6', tcpAt: 40, dataAt: 60, end: 65 },
      ...{ from: { address: '2001:db8::1', port: 50_000 }, to: { address: '::1', port: 80 } },
    });
    for (const version of [0, 5, 7])
      for (const packet of [of4(), of6()])
        expect(readPacketLayout(changed(packet, 0, (version << 4) | 5))).toBeUndefined();
    expect(readPacketLayout(Buffer.alloc(0))).toBeUndefined();
  });

  test('finds the data behind options of IP and of TCP', () => {
    const options = Buffer.concat([of4().subarray(0, 20), Buffer.alloc(4), of4().subarray(20)]);
    options[0] = 0x46;
    options.writeUInt16BE(49, 2);
    expect(readPacketLayout(options)).toMatchObject({ tcpAt: 24, dataAt: 44, end: 49 });
    // 24 bytes of TCP header, of which the last 4 are options.
    expect(readPacketLayout(changed(of4(), 32, 6 << 4))).toMatchObject({ dataAt: 44 });
  });

  test('has the end that IP states, even if the packet was truncated or padded', () => {
    expect(readPacketLayout(of4().subarray(0, 41))).toMatchObject({ dataAt: 40, end: 45 });
    expect(readPacketLayout(Buffer.concat([of4(), Buffer.alloc(6)]))).toMatchObject({ end: 45 });
    expect(readPacketLayout(of6().subarray(0, 61))).toMatchObject({ dataAt: 60, end: 65 });
    expect(readPacketLayout(Buffer.concat([of6(), Buffer.alloc(6)]))).toMatchObject({ end: 65 });
    // More than 64 KiB, which only loopback has, is 0.
    const zero = (packet: Buffer, at: number) => changed(changed(packet, at, 0), at + 1, 0);
    expect(readPacketLayout(zero(of4(), 2))).toMatchObject({ end: 45 });
    expect(readPacketLayout(zero(of6(), 4))).toMatchObject({ end: 65 });
  });

  test('is unknown without a complete TCP header', () => {
    expect(readPacketLayout(of4().subarray(0, 40))).toMatchObject({ dataAt: 40 });
    for (const length of [10, 19, 20, 39])
      expect(readPacketLayout(of4().subarray(0, length))).toBeUndefined();
    expect(readPacketLayout(of6().subarray(0, 60))).toMatchObject({ dataAt: 60 });
    for (const length of [7, 39, 40, 59]) expect(readPacketLayout(of6().subarray(0, length))).toBeUndefined();
    // The header of TCP states a length that it cannot have, or more than there is.
    expect(readPacketLayout(changed(of4(), 32, 4 << 4))).toBeUndefined();
    expect(readPacketLayout(changed(of4(), 32, 7 << 4))).toBeUndefined();
    expect(readPacketLayout(changed(Buffer.concat([of4(), Buffer.alloc(9)]), 32, 7 << 4))).toBeUndefined();
    const cut = changed(of4(), 32, 6 << 4);
    expect(readPacketLayout(cut.subarray(0, 44))).toMatchObject({ dataAt: 44 });
    expect(readPacketLayout(cut.subarray(0, 43))).toBeUndefined();
    // IP states that it ends before.
    expect(readPacketLayout(changed(of4(), 3, 39))).toBeUndefined();
    expect(readPacketLayout(changed(of4(), 3, 40))).toMatchObject({ dataAt: 40, end: 40 });
    // A header of IPv4 has 20 bytes at least, whatever lies where that of TCP would be.
    expect(readPacketLayout(changed(changed(of4(), 0, 0x44), 28, 5 << 4))).toBeUndefined();
  });

  test('is unknown for other protocols and for later fragments', () => {
    expect(readPacketLayout(changed(of4(), 9, 17))).toBeUndefined();
    expect(readPacketLayout(changed(of6(), 6, 17))).toBeUndefined();
    expect(readPacketLayout(changed(of4(), 7, 1))).toBeUndefined();
    // "Don't fragment" is a flag beside the offset.
    expect(readPacketLayout(changed(of4(), 6, 0x40))).toMatchObject({ tcpAt: 20 });
  });

  test.each([
    [[0], [0], 48],
    [[43], [1], 56],
    [[60], [0], 48],
    [[0, 60, 43], [0, 2, 1], 88],
  ])('skips the extension headers %j', (kinds, lengths, tcpAt) => {
    const packet = extended(kinds, lengths);
    expect(readPacketLayout(packet)).toMatchObject({
      ...{ tcpAt, dataAt: tcpAt + 20, end: packet.length, from: { port: 50_000 } },
    });
    expect(readPacketLayout(packet.subarray(0, tcpAt))).toBeUndefined();
    expect(readPacketLayout(packet.subarray(0, 47))).toBeUndefined();
  });

  test('skips neither a fragment header nor a protocol other than TCP', () => {
    expect(readPacketLayout(extended([44]))).toBeUndefined();
    expect(readPacketLayout(changed(extended([0]), 40, 17))).toBeUndefined();
  });
});

test('the header that identifies a segment ends before its checksum', () => {
  const packet = of4();
  const layout = readPacketLayout(packet);
  if (layout === undefined) throw new Error('it has no layout');
  expect(headerOf(packet, layout)).toBe(packet.subarray(20, 36).toString('hex'));
});
