/** Messages of nfnetlink (<linux/netfilter/nfnetlink.h>), which configure the parts of netfilter. */
import { SystemCallError } from './errno.ts';
import {
  errnoOf,
  messagesOf,
  NetlinkSocket,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  netlinkMessage,
} from './netlink.ts';

const NETLINK_NETFILTER = 12;
export const AF_UNSPEC = 0;

export interface NetfilterMessage {
  readonly type: number;
  readonly flags?: number;
  readonly family: number;
  readonly resource?: number;
  readonly attributes: readonly Buffer[];
}

/** struct nfgenmsg, which precedes the attributes: family, version, and the number of a resource. */
export const genericHeaderSize = 4;

export function netfilterMessage({
  type,
  flags = 0,
  family,
  resource = 0,
  attributes,
}: NetfilterMessage): Buffer {
  const header = Buffer.from([family, 0, resource >> 8, resource & 0xff]);
  return netlinkMessage(type, NLM_F_REQUEST | flags, Buffer.concat([header, ...attributes]));
}

/** @throws SystemCallError EPROTONOSUPPORT if the kernel has no netfilter */
export function openNetfilter(): NetlinkSocket {
  return new NetlinkSocket(NETLINK_NETFILTER);
}

/** @throws SystemCallError with the first error in the replies, or if a required reply is missing */
export function sendToNetfilter(socket: NetlinkSocket, messages: readonly NetfilterMessage[]): void {
  socket.send(Buffer.concat(messages.map(netfilterMessage)));
  let unanswered = messages.filter(({ flags = 0 }) => (flags & NLM_F_ACK) !== 0).length;
  for (let datagram = socket.receiveNow(); datagram !== undefined; datagram = socket.receiveNow()) {
    for (const message of messagesOf(datagram)) {
      const error = errnoOf(message);
      if (error !== null) throw new SystemCallError('nfnetlink', error);
      if (message.type === NLMSG_ERROR) unanswered--;
    }
  }
  if (unanswered > 0) throw new SystemCallError('nfnetlink', 'ENODATA');
}

/** Numbers of 32 bits in network byte order. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, i * 4);
  });
  return bytes;
}
