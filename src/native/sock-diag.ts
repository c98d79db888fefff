/**
 * sock_diag(7): the kernel's table of TCP sockets, read over netlink. A query for one exact pair takes a few microseconds for any number of
 * sockets on the machine.
 */
import type { Endpoint } from '../address.ts';
import { SystemCallError } from './errno.ts';
import {
  attributeIn,
  errnoOf,
  messageHeaderSize as headerSize,
  NETLINK_SOCK_DIAG,
  NetlinkSocket,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink.ts';
import { type DiagSocket, messageSize, readDiagSocket } from './sock-diag-message.ts';
import {
  askForMptcp,
  type CountQuestion,
  INET_DIAG_INFO,
  INET_DIAG_SKMEMINFO,
  type PairQuestion,
  portFilter,
  requestFor,
  SOCK_DIAG_BY_FAMILY,
  writePair,
} from './sock-diag-request.ts';
import { AF_INET, AF_INET6, familyOf } from './sockaddr.ts';

const SOCK_DESTROY = 21;

/** tcpi_segs_in in struct tcp_info: what has reached the socket after its filter. */
const segmentsInAt = 140;
/** Bits 1 to 12; 13 means bound sockets that do not listen. */
const allButBound = 0x1fff;

/** What polling reads of a pair: its state, and whether it is still the same socket. */
export interface PairState {
  /** The kernel's number. */
  readonly state: number;
  readonly cookie: bigint;
}

const extensions = {
  open: 1 << (INET_DIAG_INFO - 1),
  memory: (1 << (INET_DIAG_INFO - 1)) | (1 << (INET_DIAG_SKMEMINFO - 1)),
} as const;

interface ListOptions {
  readonly port?: number;
  readonly states?: number;
  /**
   * With `open`, the kernel also reports its counters and times of each connection, which takes three times as long; with `memory`, the
   * memory of its buffers, too.
   */
  readonly ask?: 'open' | 'memory' | undefined;
  /** The sockets of MPTCP, whose subflows are sockets of TCP. */
  readonly protocol?: 'TCP' | 'MPTCP';
}

/** A netlink socket for queries about TCP sockets, in the network namespace in which it was opened. */
export class SockDiag {
  /** @throws SystemCallError */
  readonly #socket = new NetlinkSocket(NETLINK_SOCK_DIAG);

  close(): void {
    this.#socket.close();
  }

  /** The socket with exactly this pair, in any state but LISTEN; undefined if two lookups find none (see `askAgain`). */
  find(local: Endpoint, remote: Endpoint, family = familyOf(local.address)): DiagSocket | undefined {
    const request = requestFor(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, family, 0xffff_ffff);
    writePair(request, family, local, remote);
    return this.#lookUp(request, local, remote) ?? this.#lookUp(request, local, remote);
  }

  #lookUp(request: Buffer, local: Endpoint, remote: Endpoint): DiagSocket | undefined {
    this.#socket.send(request);
    for (const { type, body } of this.#socket.messages()) {
      if (type === NLMSG_ERROR) return undefined;
      const socket = readDiagSocket(body);
      // For a missing pair on a listening port the kernel replies with the listener.
      if (socket.local.port === local.port && socket.remote.port === remote.port) return socket;
      return undefined;
    }
    return undefined;
  }

  /**
   * The state of a pair that was there a moment ago. A lookup takes no lock: while the small socket of TIME_WAIT takes the place of
   * the full one (inet_twsk_hashdance()), it is found first and cannot be held yet, and the kernel replies that there is none.
   * A lookup from another processor meets that in 1 to 10 of 1000 closes, so one reply is not enough.
   */
  askAgain(question: PairQuestion): PairState | undefined {
    return this.ask(question) ?? this.ask(question);
  }

  /**
   * The present state of a pair, in any state but LISTEN; undefined if one lookup finds none. Parses nothing else, because it is called
   * often.
   */
  ask(question: PairQuestion): PairState | undefined {
    this.#socket.send(question.request);
    const answer = this.#socket.receive();
    if (answer.readUInt16LE(4) === NLMSG_ERROR || !question.fits(answer)) return undefined;
    return { state: answer[headerSize + 1] ?? 0, cookie: answer.readBigUInt64LE(headerSize + 44) };
  }

  /** The same, with the number of received segments (tcpi_segs_in); null if the kernel does not count them, as in TIME_WAIT. */
  askCount(
    question: CountQuestion,
  ): { readonly cookie: bigint; readonly segments: number | null } | undefined {
    const found = this.ask(question);
    if (found === undefined) return undefined;
    const info = attributeIn(this.#socket.last, headerSize + messageSize, INET_DIAG_INFO);
    const segments =
      info === undefined || info.length < segmentsInAt + 4 ? null : info.readUInt32LE(segmentsInAt);
    return { cookie: found.cookie, segments };
  }

  /**
   * All sockets of a family; of a port at either end, if given; in the states whose bits are set (bit n for number n), if given. Bit 13
   * adds the sockets that are bound and do not listen, if the kernel reports them (6.8 and later).
   */
  list(family: number, options: ListOptions = {}): DiagSocket[] {
    const found: DiagSocket[] = [];
    this.each(family, options, (body) => found.push(readDiagSocket(body)));
    return found;
  }

  /** The same, but one by one and as the kernel's message, which is valid only during the call: there may be very many. */
  each(
    family: number,
    { port, states = allButBound, ask, protocol = 'TCP' }: ListOptions,
    visit: (body: Buffer) => void,
  ): void {
    const filter = port === undefined ? Buffer.alloc(0) : portFilter(port);
    const head = requestFor(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, family, states);
    const other = protocol === 'MPTCP' ? askForMptcp(head) : Buffer.alloc(0);
    const request = Buffer.concat([head, filter, other]);
    request.writeUInt32LE(request.length, 0);
    if (ask !== undefined) request[headerSize + 2] = extensions[ask];
    this.#socket.send(request);
    for (const message of this.#socket.messages()) {
      if (message.type === NLMSG_DONE) break;
      const error = errnoOf(message);
      if (error !== null) throw new SystemCallError('sock_diag', error);
      visit(message.body);
    }
  }

  /**
   * Makes the kernel destroy a socket, as `ss -K` does: a RST if one is due, ECONNABORTED for its owner. Needs CAP_NET_ADMIN over the
   * namespace and a kernel with CONFIG_INET_DIAG_DESTROY.
   * @throws SystemCallError EOPNOTSUPP if the kernel cannot, EPERM, ENOENT
   */
  destroy(socket: Pick<DiagSocket, 'family' | 'local' | 'remote' | 'cookie'>): void {
    const family = socket.family === 'IPv4' ? AF_INET : AF_INET6;
    const request = requestFor(SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK, family, 0xffff_ffff);
    writePair(request, family, socket.local, socket.remote);
    request.writeBigUInt64LE(socket.cookie, headerSize + 48);
    this.#socket.send(request);
    for (const message of this.#socket.messages()) {
      if (message.type !== NLMSG_ERROR) continue;
      const error = errnoOf(message);
      if (error !== null) throw new SystemCallError('sock_destroy', error);
      return;
    }
  }

  /** Whether this kernel can destroy sockets. The attempt destroys nothing, because no socket has that pair or that cookie. */
  canDestroy(): boolean {
    const nowhere = { address: '127.0.0.1', port: 0 };
    try {
      this.destroy({ family: 'IPv4', local: nowhere, remote: nowhere, cookie: 1n });
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      return !['EOPNOTSUPP', 'ENOTSUP'].includes(error.errno);
    }
    return true;
  }
}

/** Queries with a separate socket, and closes it afterwards. */
export function withSockDiag<Value>(ask: (diag: SockDiag) => Value): Value {
  const diag = new SockDiag();
  try {
    return ask(diag);
  } finally {
    diag.close();
  }
}
