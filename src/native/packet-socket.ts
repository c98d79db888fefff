/**
 * packet(7): what arrives in a network namespace and, but for loopback, what leaves it, word for word from the IP header on. Needs CAP_NET_RAW over the namespace.
 */
import { failOn } from './call.ts';
import type { PacketClock } from './clock.ts';
import { seeOnceOnLoopback } from './filter.ts';
import { libcFunction } from './koffi.ts';
import { takeRoomForBursts } from './options.ts';
import { closeDescriptor } from './socket.ts';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const SIOCGSTAMPNS = 0x8907;
const largestPacket = 1 << 18;

const calls = {
  socket: libcFunction<[number, number, number]>('int socket(int domain, int type, int protocol)'),
  recv: libcFunction<[number, Buffer, number, number]>(
    'long recv(int fd, void *data, size_t size, int flags)',
  ),
  ioctl: libcFunction<[number, number, Buffer]>('int ioctl(int fd, unsigned long request, void *argument)'),
  getsockopt: libcFunction<[number, number, number, Buffer, Buffer]>(
    'int getsockopt(int fd, int level, int name, void *value, void *size)',
  ),
};

/** A packet, and when the kernel had it, in milliseconds of CLOCK_MONOTONIC. */
export interface Packet {
  readonly at: number;
  readonly data: Buffer;
}

export class PacketSocket {
  readonly fd: number;
  readonly #received = Buffer.alloc(largestPacket);
  readonly #time = Buffer.alloc(16);
  readonly #clock: PacketClock;
  #dropped = 0;

  /** @throws SystemCallError EPERM without CAP_NET_RAW */
  constructor(clock: PacketClock) {
    this.#clock = clock;
    const protocol = ((ETH_P_ALL & 0xff) << 8) | (ETH_P_ALL >> 8);
    this.fd = failOn('socket', calls.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    seeOnceOnLoopback(this.fd);
    takeRoomForBursts(this.fd);
    // Asked for the first time it says ENOENT, and from then on every packet has its time.
    calls.ioctl(this.fd, SIOCGSTAMPNS, this.#time);
  }

  /** The packets that have arrived since, at most so many. */
  take(most: number): Packet[] {
    const packets: Packet[] = [];
    while (packets.length < most) {
      const size = calls.recv(this.fd, this.#received, largestPacket, 0);
      if (size < 0) break;
      failOn('ioctl', calls.ioctl(this.fd, SIOCGSTAMPNS, this.#time));
      // struct timespec
      const at = this.#clock.monotonicMs(this.#time.readBigInt64LE(0), this.#time.readBigInt64LE(8));
      packets.push({ at, data: Buffer.from(this.#received.subarray(0, size)) });
    }
    return packets;
  }

  /** How many packets the kernel had no room for, since the socket was opened. */
  get dropped(): number {
    // Reading the statistics clears them: packets and drops, each of 4 bytes.
    const statistics = Buffer.alloc(8);
    failOn(
      'getsockopt',
      calls.getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, statistics, int(statistics.length)),
    );
    this.#dropped += statistics.readUInt32LE(4);
    return this.#dropped;
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
