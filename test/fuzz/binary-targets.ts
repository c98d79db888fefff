/** Messages of the kernel, memory of processes, and segments. */

import { attribute, attributeIn, errnoOf, messagesOf, netlinkMessage } from '../../src/native/netlink.ts';
import { readDiagSocket } from '../../src/native/sock-diag-message.ts';
import { encodeSockaddr } from '../../src/native/sockaddr.ts';
import { openOf } from '../../src/native/tcp-open.ts';
import { connectionsOf } from '../../src/observe/packets/connections.ts';
import { onesComplementSum } from '../../src/observe/packets/forge.ts';
import { encodePcap } from '../../src/observe/packets/pcap.ts';
import { decodeSegment } from '../../src/observe/packets/segment.ts';
import { placeOf } from '../../src/supervisor/calls/place.ts';
import { makePacket } from '../support/packets.ts';
import type { Target } from './target.ts';

const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const INET_DIAG_INFO = 2;

/** As inet_diag tells a socket of that family: ports, addresses, counts, and TCP_INFO behind them. */
function diagMessage(family: number): Buffer {
  const body = Buffer.alloc(72, 1);
  body[0] = family;
  return netlinkMessage(
    SOCK_DIAG_BY_FAMILY,
    0,
    Buffer.concat([body, attribute(INET_DIAG_INFO, Buffer.alloc(232, 3))]),
  );
}

const error = netlinkMessage(NLMSG_ERROR, 0, Buffer.from([0xfe, 0xff, 0xff, 0xff, ...Buffer.alloc(16)]));

const packets = [
  makePacket({ flags: ['SYN'], timestamps: { value: 1, echo: 0 } }),
  makePacket({ flags: ['PSH', 'ACK'], data: Buffer.from('hello'), sequence: 0xffff_fff0 }),
  makePacket({
    from: { address: '::1', port: 50_000 },
    to: { address: '::1', port: 80 },
    flags: ['FIN', 'ACK'],
  }),
];

/** Packets with their length in front, as many as there are. */
function framed(all: readonly Buffer[]): Buffer {
  return Buffer.concat(
    all.flatMap((packet) => [Buffer.from([packet.length >> 8, packet.length & 0xff]), packet]),
  );
}

function* packetsIn(input: Buffer): Generator<Buffer> {
  for (let at = 0; at + 2 <= input.length; ) {
    const length = input.readUInt16BE(at);
    yield input.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

export const binaryTargets: readonly Target[] = [
  {
    name: 'netlink',
    samples: [diagMessage(2), Buffer.concat([diagMessage(10), error])],
    read: (input) => [...messagesOf(input)].map((message) => [message.type, errnoOf(message)]),
  },
  {
    name: 'sock_diag',
    samples: [2, 10].map((family) => diagMessage(family).subarray(16)),
    read: (input) => readDiagSocket(input),
  },
  {
    name: 'attributes',
    samples: [
      Buffer.concat([
        attribute(1, Buffer.from('lo\0')),
        attribute(2, Buffer.alloc(8)),
        attribute(3, [attribute(1, Buffer.alloc(4))]),
      ]),
    ],
    read: (input) => [1, 2, 3, 4].map((type) => attributeIn(input, 0, type)),
  },
  {
    name: 'tcp_info',
    samples: [Buffer.alloc(232, 3)],
    read: (input) => [1, 4, 5, 8].map((state) => openOf(input, state, 7)),
  },
  {
    name: 'sockaddr',
    samples: [
      encodeSockaddr({ address: '127.0.0.1', port: 80 }),
      encodeSockaddr({ address: '::1', port: 80 }),
    ],
    read: (input) => placeOf(input),
  },
  {
    name: 'segments',
    samples: [...packets, framed(packets)],
    read: (input) => {
      const all = [input, ...packetsIn(input)];
      const segments = all.flatMap((packet, at) => decodeSegment(packet, at) ?? []);
      encodePcap(segments.map(({ packet, at }) => ({ packet, epochMs: at })));
      return [onesComplementSum([input]), segments, connectionsOf(segments)];
    },
  },
];
