import { withSockDiag } from '../../native/sock-diag.ts';
import {
  addressIn,
  ipv6OnlyIn,
  readDiagSocket,
  receiveMemoryIn,
  tcpInfoIn,
} from '../../native/sock-diag-message.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { movementOf } from '../../native/tcp-info.ts';
import { sockDiag } from '../../observe/sock-diag/observer.ts';
import { timerOf } from '../../observe/sock-diag/table.ts';
import { stateOfNumber } from '../../state.ts';
import { EarlierTable } from './earlier.ts';
import { isFull, type Socket, type SocketTable, TableBuilder } from './sockets.ts';

const established = 1;
const timeWait = 6;
const listening = 10;

/** The whole table of this network, with the kernel's information about each connection, in a few microseconds each. */
export function readBySockDiag(): SocketTable {
  const table = new TableBuilder();
  const addresses = new Addresses();
  forEachMessage((body) => {
    const state = body[1] ?? 0;
    const local = { address: addresses.at(body, 8), port: body.readUInt16BE(4) };
    const remote = { address: addresses.at(body, 24), port: body.readUInt16BE(6) };
    if (state === timeWait) table.addTimeWait(local, remote, body.readUInt32LE(52));
    else table.add(socketIn(body, state, local, remote));
  }, 'memory');
  return table.finish(sockDiag.label);
}

// One object instead of three, because there may be 200,000.
function socketIn(body: Buffer, state: number, local: Socket['local'], remote: Socket['remote']): Socket {
  const info = tcpInfoIn(body);
  const movement = info === undefined ? null : movementOf(info);
  const [receiveQueue, sendQueue] = [body.readUInt32LE(56), body.readUInt32LE(60)];
  return {
    family: body[0] === AF_INET ? 'IPv4' : 'IPv6',
    state: stateOfNumber(state) ?? 'CLOSED',
    local,
    remote,
    receiveQueue,
    sendQueue: state === listening ? 0 : sendQueue,
    backlog: state === listening ? sendQueue : 0,
    timer: timerOf(body[2] ?? 0, body.readUInt32LE(52), body[3] ?? 0),
    uid: body.readUInt32LE(64),
    inode: body.readUInt32LE(68),
    key: keyIn(body),
    // Determining it takes long; for an open connection, the ports are enough.
    open: state === established ? null : readDiagSocket(body).open,
    movement,
    ...(ipv6OnlyIn(body) ? { ipv6Only: true } : {}),
    ...(receiveQueue >= leastUnread && isFull(movement, receiveMemoryIn(body)) ? { isFull: true } : {}),
  };
}

// Only sockets with at least this much unread data are looked up.
const leastUnread = 512;

/** The base for a later look: without the kernel's information it takes a third of the time. */
export function readEarlier(): EarlierTable {
  const earlier = new EarlierTable();
  const addresses = new Addresses();
  forEachMessage((body) => {
    const state = body[1] ?? 0;
    if (state === listening) {
      const local = { address: addresses.at(body, 8), port: body.readUInt16BE(4) };
      const remote = { address: addresses.at(body, 24), port: 0 };
      earlier.add(keyIn(body), state, socketIn(body, state, local, remote));
    } else if (state !== timeWait) earlier.add(keyIn(body), state);
  });
  return earlier;
}

function forEachMessage(visit: (body: Buffer) => void, ask?: 'memory'): void {
  withSockDiag((diag) => {
    for (const family of [AF_INET, AF_INET6]) diag.each(family, { ask }, visit);
  });
}

// The kernel counts sockets from 1: no number is lost below 2 ** 53.
function keyIn(body: Buffer): number {
  return body.readUInt32LE(48) * 2 ** 32 + body.readUInt32LE(44);
}

/** Addresses as texts, each kept only once. */
class Addresses {
  readonly #known = new Map<number | string, string>();

  at(body: Buffer, at: number): string {
    const key = body[0] === AF_INET ? body.readUInt32LE(at) : body.toString('latin1', at, at + 16);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const address = addressIn(body, body[0], at);
    this.#known.set(key, address);
    return address;
  }
}
