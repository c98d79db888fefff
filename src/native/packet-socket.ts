/**
 * packet(7): what arrives in a network namespace and, except on loopback, what leaves it, from the IP header on. Needs CAP_NET_RAW over the namespace.
 */
import type { PacketClock } from './clock.ts';
import { seeOnceOnLoopback } from './filter.ts';
import { libc, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './libc.ts';
import { readRawOption, takeRoomForBursts } from './options.ts';
import { closeDescriptor } from './socket.ts';

const AF_PACKET = 17;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const SIOCGSTAMPNS = 0x8907;
const largestPacket = 1 << 18;

/** A packet, and when the kernel received it, in milliseconds of CLOCK_MONOTONIC. */
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
    this.fd = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    seeOnceOnLoopback(this.fd);
    takeRoomForBursts(this.fd);
    // The first call returns ENOENT; from then on every packet has a time.
    libc.ioctl.unchecked(this.fd, SIOCGSTAMPNS, this.#time);
  }

  /** The packets that have arrived since the last call, up to a limit. */
  take(most: number): Packet[] {
    const packets: Packet[] = [];
    while (packets.length < most) {
      const size = libc.recv.unchecked(this.fd, this.#received, largestPacket, 0);
      if (size < 0) break;
      libc.ioctl(this.fd, SIOCGSTAMPNS, this.#time);
      // struct timespec
      const at = this.#clock.monotonicMs(this.#time.readBigInt64LE(0), this.#time.readBigInt64LE(8));
      packets.push({ at, data: Buffer.from(this.#received.subarray(0, size)) });
    }
    return packets;
  }

  /** How many packets did not fit into the kernel's buffer since the socket was opened. */
  get dropped(): number {
    // Reading the statistics clears them: packets and drops, 4 bytes each.
    this.#dropped += readRawOption(this.fd, SOL_PACKET, PACKET_STATISTICS, 8).readUInt32LE(4);
    return this.#dropped;
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}
