import type { Endpoint } from '../../src/address.ts';
import { writeIPv6Address } from '../../src/native/sockaddr.ts';
import { type Flag, flagNames, type Timestamps } from '../../src/observe/packets/segment.ts';

interface Made {
  readonly from?: Endpoint;
  readonly to?: Endpoint;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: readonly Flag[];
  readonly window?: number;
  readonly timestamps?: Timestamps | null;
  readonly data?: Buffer;
}

/** An IP packet with a TCP segment, without checksums, as loopback carries them. */
export function makePacket({
  from = { address: '127.0.0.1', port: 50_000 },
  to = { address: '127.0.0.1', port: 80 },
  sequence = 1,
  acknowledgment = 0,
  flags = ['ACK'],
  window = 512,
  timestamps = null,
  data = Buffer.alloc(0),
}: Made): Buffer {
  const options = timestamps === null ? Buffer.alloc(0) : timestampsOption(timestamps);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(sequence >>> 0, 4);
  tcp.writeUInt32BE(acknowledgment >>> 0, 8);
  tcp[12] = ((20 + options.length) / 4) << 4;
  tcp[13] = flagNames.reduce((bits, name, i) => bits | (flags.includes(name) ? 1 << i : 0), 0);
  tcp.writeUInt16BE(window, 14);
  const segment = Buffer.concat([tcp, options, data]);
  return Buffer.concat([
    from.address.includes(':') ? ipv6(from, to, segment.length) : ipv4(from, to, segment.length),
    segment,
  ]);
}

// Two of no operation, and the option of RFC 7323.
function timestampsOption({ value, echo }: Timestamps): Buffer {
  const option = Buffer.from([1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
  option.writeUInt32BE(value, 4);
  option.writeUInt32BE(echo, 8);
  return option;
}

function ipv4(from: Endpoint, to: Endpoint, length: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header[8] = 64;
  header[9] = 6;
  header.set(from.address.split('.').map(Number), 12);
  header.set(to.address.split('.').map(Number), 16);
  return header;
}

function ipv6(from: Endpoint, to: Endpoint, length: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(length, 4);
  header[6] = 6;
  for (const [at, { address }] of [
    [8, from],
    [24, to],
  ] as const)
    writeIPv6Address(header, at, address);
  return header;
}
