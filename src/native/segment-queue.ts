/**
 * Makes the TCP segments that arrive in a network namespace wait until they are released, one by one (nfnetlink_queue of the kernel,
 * <linux/netfilter/nfnetlink_queue.h>). Needs CAP_NET_ADMIN over the namespace.
 */
import { monotonicMs, type PacketClock } from './clock.ts';
import { SystemCallError } from './errno.ts';
import { headersSize } from './headers.ts';
import {
  AF_UNSPEC,
  genericHeaderSize,
  type NetfilterMessage,
  netfilterMessage,
  numbers,
  openNetfilter,
  sendToNetfilter,
} from './netfilter.ts';
import { attribute, attributeIn, errnoOf, messagesOf, NLM_F_ACK } from './netlink.ts';
import { setRawOption, takeRoomForBursts } from './options.ts';
import { sendSegmentsToQueue } from './queue-rules.ts';
import { AF_INET, AF_INET6 } from './sockaddr.ts';

const NFNL_SUBSYS_QUEUE = 3;
const NFQNL_MSG_VERDICT = 1;
const NFQNL_MSG_CONFIG = 2;
const NFQA_PACKET_HDR = 1;
const NFQA_VERDICT_HDR = 2;
const NFQA_TIMESTAMP = 4;
const NFQA_PAYLOAD = 10;
const NFQA_CFG_CMD = 1;
const NFQA_CFG_PARAMS = 2;
const NFQA_CFG_QUEUE_MAXLEN = 3;
const NFQA_CFG_MASK = 4;
const NFQA_CFG_FLAGS = 5;
const NFQNL_CFG_CMD_BIND = 1;
const NFQNL_COPY_PACKET = 2;
const NFQA_CFG_F_FAIL_OPEN = 1;
/** A large segment, as on loopback, waits without being split. */
const NFQA_CFG_F_GSO = 4;
const NF_ACCEPT = 1;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;

/** Only the buffer for headers limits how many can wait, because the kernel numbers just those that do not fit. */
const mostThatWait = 0xffff_ffff;

/** A segment that waits. */
export interface HeldSegment {
  readonly id: number;
  /** When it arrived, in milliseconds of CLOCK_MONOTONIC; or when it was read, because packets have no times if nothing captures them. */
  readonly at: number;
  /** From the IP header on, long enough for all headers. */
  readonly packet: Buffer;
}

export class SegmentQueue {
  readonly #socket = openNetfilter();
  readonly #clock: PacketClock;
  readonly #verdict = netfilterMessage({
    type: (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_VERDICT,
    family: AF_UNSPEC,
    attributes: [attribute(NFQA_VERDICT_HDR, numbers(NF_ACCEPT, 0))],
  });
  #lastId = 0;
  #passed = 0;

  /**
   * From now on every arriving segment waits. When the process ends, waiting segments are lost and later ones pass.
   * @throws SystemCallError EPERM; ENOENT, EINVAL, EPROTONOSUPPORT or another if the kernel was built without such a queue
   */
  constructor(clock: PacketClock) {
    this.#clock = clock;
    const flags = numbers(NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO);
    const copy = Buffer.concat([numbers(headersSize), Buffer.from([NFQNL_COPY_PACKET])]);
    try {
      takeRoomForBursts(this.#socket.fd);
      setRawOption(this.#socket.fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, Buffer.from([1, 0, 0, 0]));
      // The order matters: once configured, the queue belongs to this socket.
      for (const setting of [
        [attribute(NFQA_CFG_CMD, Buffer.from([NFQNL_CFG_CMD_BIND, 0, 0, 0]))],
        [attribute(NFQA_CFG_PARAMS, copy)],
        [attribute(NFQA_CFG_QUEUE_MAXLEN, numbers(mostThatWait))],
        [attribute(NFQA_CFG_MASK, flags), attribute(NFQA_CFG_FLAGS, flags)],
      ])
        sendToNetfilter(this.#socket, [configuration(setting)]);
      for (const family of [AF_INET, AF_INET6]) sendSegmentsToQueue(family);
    } catch (error) {
      // Segments pass a queue without a listener.
      this.#socket.close();
      throw error;
    }
  }

  /** Readable when a segment waits. */
  get fd(): number {
    return this.#socket.fd;
  }

  /** How many segments passed because too many were waiting, and so overtook them. */
  get passed(): number {
    return this.#passed;
  }

  /** The next segment that has not been read. */
  take(): HeldSegment | undefined {
    for (;;) {
      const datagram = this.#socket.receiveNow();
      if (datagram === undefined) return undefined;
      const [message] = messagesOf(datagram);
      if (message === undefined) continue;
      const error = errnoOf(message);
      // The kernel had already dropped that segment.
      if (error === 'ENOENT') continue;
      if (error !== null) throw new SystemCallError('nfnetlink_queue', error);
      const part = (type: number) => attributeIn(message.body, genericHeaderSize, type);
      const id = part(NFQA_PACKET_HDR)?.readUInt32BE(0) ?? 0;
      // The kernel also numbers those that do not fit.
      this.#passed += id - this.#lastId - 1;
      this.#lastId = id;
      const time = part(NFQA_TIMESTAMP);
      return {
        id,
        // Seconds and microseconds.
        at: time
          ? this.#clock.monotonicMs(time.readBigInt64BE(0), time.readBigInt64BE(8) * 1000n)
          : monotonicMs(),
        packet: Buffer.from(part(NFQA_PAYLOAD) ?? ''),
      };
    }
  }

  /** Waiting segments are lost, and later ones pass. */
  close(): void {
    this.#socket.close();
  }

  /**
   * Releases a segment. When this returns, the kernel has processed it, unless the receiver is in a system call on its socket: then the
   * kernel does so at the end of that call. The reply is queued, too.
   */
  release({ id }: HeldSegment): void {
    this.#verdict.writeUInt32BE(id, this.#verdict.length - 4);
    this.#socket.send(this.#verdict);
  }
}

function configuration(attributes: readonly Buffer[]): NetfilterMessage {
  const type = (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_CONFIG;
  return { type, flags: NLM_F_ACK, family: AF_UNSPEC, attributes };
}
