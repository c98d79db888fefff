import { describe, expect, test } from 'vitest';
import {
  addressIn,
  messageSize,
  readDiagSocket,
  receiveMemoryIn,
  tcpInfoIn,
} from '../../src/native/sock-diag-message.ts';
import { openOf } from '../../src/native/tcp-open.ts';

// struct inet_diag_msg of <linux/inet_diag.h>, byte by byte: each field has a value of its own.
const [AF_INET, AF_INET6] = [2, 10];

function message(family: number, from: readonly number[], to: readonly number[], info?: Buffer): Buffer {
  const body = Buffer.alloc(messageSize);
  body.set([family, 8, 2, 3], 0); // CLOSE_WAIT, its keepalive timer, after 3 retransmissions
  body.writeUInt16BE(443, 4);
  body.writeUInt16BE(50_512, 6);
  body.set(from, 8);
  body.set(to, 24);
  body.writeUInt32LE(7, 40); // the interface, which nobody asks for
  body.writeUInt32LE(0x1111_2222, 44);
  body.writeUInt32LE(0x0000_0033, 48);
  body.writeUInt32LE(59_900, 52);
  body.writeUInt32LE(1, 56);
  body.writeUInt32LE(20, 60);
  body.writeUInt32LE(33, 64);
  body.writeUInt32LE(98_765, 68);
  if (info === undefined) return body;
  const attribute = Buffer.alloc(4);
  attribute.writeUInt16LE(4 + info.length, 0);
  attribute.writeUInt16LE(2, 2); // INET_DIAG_INFO
  return Buffer.concat([body, attribute, info]);
}

/**
 * struct tcp_info of Linux 4.19: nothing moved for some time, and of 110 bytes 10 were not yet sent, 80 were acknowledged, and 5 sent
 * again. `acked` counts the SYN of an end that connected as well, and the FIN.
 */
function tcpInfo(size = 232, acked = 91n): Buffer {
  const info = Buffer.alloc(size);
  const fields: readonly (readonly [number, number])[] = [
    [44, 1000],
    [48, 9999],
    [52, 2000],
    [56, 3000],
  ];
  for (const [at, value] of fields) if (at + 4 <= size) info.writeUInt32LE(value, at);
  if (size < 216) return info;
  info.writeBigUInt64LE(acked, 120);
  info.writeUInt32LE(10, 144);
  info.writeBigUInt64LE(105n, 200);
  info.writeBigUInt64LE(5n, 208);
  return info;
}

const socket = {
  ...{ state: 8, timer: 2, retransmits: 3, expiresMs: 59_900, receiveQueue: 1, sendQueue: 20 },
  ...{ uid: 33, inode: 98_765, cookie: 0x33_1111_2222n, open: null, quiet: null },
  ipv6Only: false,
};
const ipv4 = message(AF_INET, [192, 0, 2, 1], [198, 51, 100, 7]);

describe('a message of inet_diag', () => {
  test('is a socket with all of its fields', () => {
    expect(readDiagSocket(ipv4)).toEqual({
      ...socket,
      family: 'IPv4',
      local: { address: '192.0.2.1', port: 443 },
      remote: { address: '198.51.100.7', port: 50_512 },
    });
    const documentation = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const loopback = [...Array<number>(15).fill(0), 1];
    expect(readDiagSocket(message(AF_INET6, documentation, loopback))).toEqual({
      ...socket,
      family: 'IPv6',
      local: { address: '2001:db8::1', port: 443 },
      remote: { address: '::1', port: 50_512 },
    });
  });

  test('reports how the connection was opened and how long it has been quiet, if the kernel added that', () => {
    const quiet = { dataSentMs: 1000, dataReceivedMs: 2000, ackReceivedMs: 3000 };
    const whole = message(AF_INET, [127, 0, 0, 1], [127, 0, 0, 1], tcpInfo());
    expect(readDiagSocket(whole)).toMatchObject({ open: 'active', quiet });
    expect(tcpInfoIn(whole)).toEqual(tcpInfo());
    expect(tcpInfoIn(ipv4)).toBeUndefined();
    // An older kernel reports less.
    const of = (size: number) =>
      readDiagSocket(message(AF_INET, [127, 0, 0, 1], [127, 0, 0, 1], tcpInfo(size)));
    expect(of(216)).toMatchObject({ open: 'active', quiet });
    expect(of(215)).toMatchObject({ open: null, quiet });
    expect(of(60)).toMatchObject({ open: null, quiet });
    expect(of(59)).toMatchObject({ open: null, quiet: null });
  });

  test('has the memory of the receive buffer, if it was requested', () => {
    const memoryOf = (length: number) => {
      const attribute = Buffer.alloc(4 + length);
      attribute.writeUInt16LE(4 + length, 0);
      attribute.writeUInt16LE(7, 2); // INET_DIAG_SKMEMINFO: rmem_alloc, rcvbuf, ...
      attribute.fill(1, 4, 5);
      if (length >= 8) attribute.writeUInt32LE(131_072, 8);
      return receiveMemoryIn(Buffer.concat([message(AF_INET, [127, 0, 0, 1], [127, 0, 0, 1]), attribute]));
    };
    expect(memoryOf(36)).toEqual({ used: 1, limit: 131_072 });
    expect(memoryOf(8)).toEqual({ used: 1, limit: 131_072 });
    expect(memoryOf(7)).toBeUndefined();
    expect(receiveMemoryIn(message(AF_INET, [127, 0, 0, 1], [127, 0, 0, 1]))).toBeUndefined();
  });

  test('reports whether a socket bound to [::] excludes IPv4', () => {
    const ipv6Only = (state: number, address: readonly number[], value?: number, family = AF_INET6) => {
      const attribute = Buffer.from([5, 0, 11, 0, value ?? 0, 0, 0, 0]); // INET_DIAG_SKV6ONLY
      const body = message(family, address, Array(16).fill(0));
      body[1] = state;
      return readDiagSocket(value === undefined ? body : Buffer.concat([body, attribute])).ipv6Only;
    };
    const any = Array<number>(16).fill(0);
    expect([7, 10].map((state) => ipv6Only(state, any, 1))).toEqual([true, true]);
    expect([7, 10].map((state) => ipv6Only(state, any, 0))).toEqual([false, false]);
    expect(ipv6Only(10, any)).toBe(false);
    expect(ipv6Only(1, any, 1)).toBe(false);
    expect(ipv6Only(10, [...any.slice(1), 1], 1)).toBe(false);
    expect(ipv6Only(10, any, 1, AF_INET)).toBe(false);
  });

  test('is refused if it is cut off', () => {
    expect(() => readDiagSocket(ipv4.subarray(0, messageSize - 1))).toThrow(
      new RangeError('a message of inet_diag is too short'),
    );
  });
});

describe('the side that opened a connection', () => {
  test.each([
    [1, 91n, 'active'],
    [1, 90n, 'passive'],
    [1, 92n, null],
    [1, 89n, null],
    [8, 91n, 'active'],
    // The FIN was acknowledged in FIN_WAIT2, and may have been in the others.
    [5, 92n, 'active'],
    [5, 91n, 'passive'],
    [5, 90n, null],
    [4, 91n, null],
    [9, 92n, null],
  ] as const)('is in state %i, with %i bytes acknowledged, the end that is %s', (state, acked, open) => {
    expect(openOf(tcpInfo(232, acked), state, 20)).toBe(open);
  });
});

describe('an address in it', () => {
  const at = (...bytes: readonly number[]) => addressIn(Buffer.from([9, ...bytes]), AF_INET6, 1);
  const zeros = (count: number) => Array<number>(count).fill(0);

  test.each<[string, readonly number[]]>([
    ['::', zeros(16)],
    ['::1', [...zeros(15), 1]],
    ['::0.1.0.0', [...zeros(13), 1, 0, 0]],
    ['::1:0:0', [...zeros(11), 1, ...zeros(4)]],
    ['1::', [0, 1, ...zeros(14)]],
    ['192.0.2.1', [...zeros(10), 0xff, 0xff, 192, 0, 2, 1]],
    ['fe80::ffff:c000:201', [0xfe, 0x80, ...zeros(8), 0xff, 0xff, 192, 0, 2, 1]],
  ])('is %s, mapped ones as IPv4', (address, bytes) => {
    expect(at(...bytes)).toBe(address);
  });

  test('of IPv4 has four bytes, at any position', () => {
    expect(addressIn(Buffer.from([9, 9, 10, 1, 2, 3]), AF_INET, 2)).toBe('10.1.2.3');
  });
});
