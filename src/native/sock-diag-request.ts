/** Requests to sock_diag(7) about TCP sockets. */
import type { Endpoint } from '../address.ts';
import { IPPROTO_MPTCP, IPPROTO_TCP } from './libc.ts';
import { attribute, messageHeaderSize as headerSize, NLM_F_REQUEST, netlinkMessage } from './netlink.ts';
import { AF_INET, familyOf, writeIPv6Address } from './sockaddr.ts';

export const SOCK_DIAG_BY_FAMILY = 20;
export const INET_DIAG_INFO = 2;
export const INET_DIAG_SKMEMINFO = 7;
export const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_REQ_BYTECODE = 1;
/** The protocol, if its number does not fit in the byte of the request. */
const INET_DIAG_REQ_PROTOCOL = 3;
const requestBodySize = 56;

/** A request for one exact pair, which is made once and sent often. */
export class PairQuestion {
  readonly request: Buffer;
  readonly #ports: number;

  constructor(local: Endpoint, remote: Endpoint) {
    const family = familyOf(local.address);
    this.request = requestFor(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, family, 0xffff_ffff);
    writePair(this.request, family, local, remote);
    this.#ports = this.request.readUInt32LE(headerSize + 8);
  }

  /** Whether a reply is about this pair: for a missing pair on a listening port the kernel replies with the listener. */
  fits(answer: Buffer): boolean {
    return answer.readUInt32LE(headerSize + 4) === this.#ports;
  }
}

/** The same, and also requests how many segments the socket has received. */
export class CountQuestion extends PairQuestion {
  constructor(local: Endpoint, remote: Endpoint) {
    super(local, remote);
    this.request[headerSize + 2] = 1 << (INET_DIAG_INFO - 1);
  }
}

export function requestFor(type: number, flags: number, family: number, states: number): Buffer {
  const request = netlinkMessage(type, flags, Buffer.alloc(requestBodySize));
  request[headerSize] = family;
  request[headerSize + 1] = IPPROTO_TCP;
  request.writeUInt32LE(states >>> 0, headerSize + 4);
  // INET_DIAG_NOCOOKIE: any socket.
  request.fill(0xff, headerSize + 48, headerSize + 56);
  return request;
}

/** Requests the sockets of MPTCP instead. The byte is 0, so a kernel without the attribute refuses instead of listing those of TCP. */
export function askForMptcp(request: Buffer): Buffer {
  request[headerSize + 1] = 0;
  const protocol = Buffer.alloc(4);
  protocol.writeUInt32LE(IPPROTO_MPTCP);
  return attribute(INET_DIAG_REQ_PROTOCOL, protocol);
}

export function writePair(request: Buffer, family: number, local: Endpoint, remote: Endpoint): void {
  request.writeUInt16BE(local.port, headerSize + 8);
  request.writeUInt16BE(remote.port, headerSize + 10);
  writeAddress(request, family, local.address, headerSize + 12);
  writeAddress(request, family, remote.address, headerSize + 28);
}

function writeAddress(request: Buffer, family: number, address: string, at: number): void {
  if (family === AF_INET) {
    request.set(address.split('.').map(Number), at);
    return;
  }
  // An IPv4 address of an IPv6 socket is v4-mapped.
  writeIPv6Address(request, at, address.includes(':') ? address : `::ffff:${address}`);
}

/**
 * INET_DIAG_REQ_BYTECODE for "source or destination port": three instructions of the kernel's small language (inet_diag_bc_run), each with
 * the offsets of its jumps if true and if false. A jump beyond the end means no.
 */
export function portFilter(port: number): Buffer {
  const [JMP, S_EQ, D_EQ] = [1, 11, 12];
  const code = Buffer.alloc(20);
  const instruction = (at: number, operation: number, yes: number, no: number) => {
    code[at] = operation;
    code[at + 1] = yes;
    code.writeUInt16LE(no, at + 2);
  };
  instruction(0, S_EQ, 8, 12);
  code.writeUInt16LE(port, 6);
  instruction(8, JMP, 4, 12);
  instruction(12, D_EQ, 8, 12);
  code.writeUInt16LE(port, 18);
  return attribute(INET_DIAG_REQ_BYTECODE, code);
}
