/**
 * The bind truth table, measured: makes what remains on a port, sees in the kernel's table that it is there, and tries to
 * bind over it. All in one process and call by call, since there are more than a thousand of them.
 */
import type { Endpoint } from '../../address.ts';
import { attempt } from '../../native/call.ts';
import { setSocketOption } from '../../native/options.ts';
import { type DiagSocket, SockDiag } from '../../native/sock-diag.ts';
import { familyOf } from '../../native/sockaddr.ts';
import {
  acceptNow,
  bindSocket,
  closeDescriptor,
  connectNow,
  isIPv6Socket,
  listenOn,
  localEndpoint,
  openSocket,
  sendNow,
  shutdownSocket,
} from '../../native/socket.ts';
import { numberOfState } from '../../state.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { cellPatienceMs, type Remains } from '../remains.ts';

type Group = ParsedParams<'bindCells'>['groups'][number];
type Options = Group['old'];

/** What was made for one group of cells. */
interface Made {
  readonly group: Group;
  readonly port: number;
  /** To be closed at the end. */
  readonly held: number[];
  /** The pair that remains; undefined where it is no connection. */
  readonly pair: { readonly local: Endpoint; readonly remote: Endpoint; readonly family: number } | undefined;
}

export async function bindCells({
  groups,
  news,
  ports,
}: ParsedParams<'bindCells'>): Promise<Result<'bindCells'>> {
  const diag = new SockDiag();
  const free = [...ports];
  const made: Made[] = [];
  try {
    for (const group of groups) made.push(make(group, takeFree(free, group)));
    await settled(made, diag);
    return { groups: made.map((one) => measure(one, news, diag)) };
  } finally {
    for (const { held } of made) for (const fd of held) closeDescriptor(fd);
    diag.close();
  }
}

/** The next port on which neither side's address is taken. */
function takeFree(free: number[], { addresses }: Group): number {
  for (let port = free.shift(); port !== undefined; port = free.shift()) {
    const strict: Options = { reuseAddress: 'off', reusePort: 'off' };
    const tried = [addresses.old, addresses.new].map((address) => tryBind(address, port, strict, 'off').bind);
    if (tried.every((result) => result === 'ok')) return port;
  }
  throw new Error('no free port is left for the table');
}

function make(group: Group, port: number): Made {
  const held: number[] = [];
  const { remains, addresses } = group;
  const listening = () => {
    const fd = openBound(group, port, held);
    listenOn(fd, 8);
    return fd;
  };
  const plain = (pair?: Made['pair']): Made => ({ group, port, held, pair });
  switch (remains) {
    case 'nothing':
      return plain();
    case 'LISTEN':
      listening();
      return plain();
    case 'bound':
      openBound(group, port, held);
      return plain();
    case 'client ESTABLISHED':
    case 'client TIME_WAIT':
      return plain(makeClient(group, port, held));
    default: {
      const listener = listening();
      const client = open(addresses.peer, held);
      connectNow(client, { address: addresses.peer, port });
      const remote = localEndpoint(client);
      const accepted = acceptNow(listener);
      held.push(accepted);
      bringTo[remains]?.(accepted, client, held);
      release(listener, held);
      const family = familyOf(addresses.old);
      return plain({ local: { address: addresses.peer, port }, remote, family });
    }
  }
}

type Bring = (accepted: number, client: number, held: number[]) => void;

// The states behind data that nobody reads: a few kilobytes close the window of the smallest buffers.
const bringTo: Readonly<Partial<Record<Remains, Bring>>> = {
  CLOSE_WAIT: (_, client) => shutdownSocket(client, 'write'),
  FIN_WAIT1: (accepted) => {
    fill(accepted);
    shutdownSocket(accepted, 'write');
  },
  'FIN_WAIT2 held': (accepted) => shutdownSocket(accepted, 'write'),
  'FIN_WAIT2 orphaned': (accepted, _, held) => release(accepted, held),
  CLOSING: (accepted, client) => {
    fill(accepted);
    shutdownSocket(accepted, 'write');
    shutdownSocket(client, 'write');
  },
  LAST_ACK: (accepted, client) => {
    shutdownSocket(client, 'write');
    fill(accepted);
    shutdownSocket(accepted, 'write');
  },
  TIME_WAIT: (accepted, client, held) => {
    release(accepted, held);
    release(client, held);
  },
};

/** A connection from the port, to a listener elsewhere. */
function makeClient(group: Group, port: number, held: number[]): Made['pair'] {
  const { old, peer } = group.addresses;
  const helper = open(peer, held);
  bindSocket(helper, { address: peer, port: 0 });
  listenOn(helper, 1);
  const client = openBound(group, port, held);
  const { port: helperPort } = localEndpoint(helper);
  // From an IPv6 socket an IPv4 address is reached in its v4-mapped form.
  const mapped = isIPv6Socket(old) && !isIPv6Socket(peer);
  connectNow(client, { address: mapped ? `::ffff:${peer}` : peer, port: helperPort });
  const accepted = acceptNow(helper);
  held.push(accepted);
  const local = localEndpoint(client);
  if (group.remains === 'client TIME_WAIT') {
    release(client, held);
    release(accepted, held);
  }
  return { local, remote: { address: peer, port: helperPort }, family: familyOf(old) };
}

function open(address: string, held: number[]): number {
  const fd = openSocket(address, 'blocking');
  held.push(fd);
  setSocketOption(fd, 'SO_RCVTIMEO', cellPatienceMs);
  setSocketOption(fd, 'SO_SNDTIMEO', cellPatienceMs);
  setSocketOption(fd, 'SO_RCVBUF', 2048);
  setSocketOption(fd, 'SO_SNDBUF', 4608);
  return fd;
}

/** The old socket: with its options, bound. */
function openBound({ old, addresses }: Group, port: number, held: number[]): number {
  const fd = open(addresses.old, held);
  setOptions(fd, addresses.old, old, addresses.oldV6Only ? 'on' : 'off');
  bindSocket(fd, { address: addresses.old, port });
  return fd;
}

function setOptions(
  fd: number,
  address: string,
  { reuseAddress, reusePort }: Options,
  v6Only: 'on' | 'off',
): void {
  if (reuseAddress === 'on') setSocketOption(fd, 'SO_REUSEADDR', 1);
  if (reusePort === 'on') setSocketOption(fd, 'SO_REUSEPORT', 1);
  if (isIPv6Socket(address)) setSocketOption(fd, 'IPV6_V6ONLY', v6Only === 'on' ? 1 : 0);
}

function fill(fd: number): void {
  const block = Buffer.alloc(4096, 'tcpclose');
  const full = attempt(() => {
    for (;;) sendNow(fd, block);
  });
  if (full !== null && full.errno !== 'EAGAIN') throw full;
}

function release(fd: number, held: number[]): void {
  held.splice(held.indexOf(fd), 1);
  closeDescriptor(fd);
}

/** Until the kernel has brought all of them where they should be; what never gets there is told by its measurement. */
async function settled(made: readonly Made[], diag: SockDiag): Promise<void> {
  const until = performance.now() + cellPatienceMs;
  let waiting = made;
  while (waiting.length > 0 && performance.now() < until) {
    waiting = waiting.filter((one) => observedState(one, diag) !== one.group.remains);
    if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What is on the port now, in the words of the table; another state of the kernel's if it is none of them. */
function observedState({ group, port, pair }: Made, diag: SockDiag): string {
  const family = familyOf(group.addresses.old);
  if (pair === undefined) {
    const [socket] = diag.list(family, { port });
    if (socket !== undefined)
      return socket.state === numberOfState('LISTEN') ? 'LISTEN' : `state ${socket.state}`;
    return isBound(group, port, diag) ? 'bound' : 'nothing';
  }
  const socket = diag.find(pair.local, pair.remote, pair.family);
  if (socket === undefined) return 'nothing';
  const state = stateNames[socket.state] ?? `state ${socket.state}`;
  const client = group.remains.startsWith('client ') ? 'client ' : '';
  return `${client}${state === 'FIN_WAIT2' ? finWait2(socket) : state}`;
}

function finWait2({ inode }: DiagSocket): string {
  return inode === 0 ? 'FIN_WAIT2 orphaned' : 'FIN_WAIT2 held';
}

// Kernels before 6.8 do not list what is only bound; a bind without options tells it as well.
function isBound({ addresses }: Group, port: number, diag: SockDiag): boolean {
  const listed = diag.list(familyOf(addresses.old), { port, states: 1 << numberOfState('BOUND_INACTIVE') });
  if (listed.length > 0) return true;
  const v6Only = addresses.oldV6Only ? 'on' : 'off';
  return tryBind(addresses.old, port, { reuseAddress: 'off', reusePort: 'off' }, v6Only).bind !== 'ok';
}

const stateNames: Readonly<Record<number, string>> = {
  1: 'ESTABLISHED',
  4: 'FIN_WAIT1',
  5: 'FIN_WAIT2',
  6: 'TIME_WAIT',
  8: 'CLOSE_WAIT',
  9: 'LAST_ACK',
  11: 'CLOSING',
};

// Nothing is taken for granted: what remains is looked at again before every bind.
function measure(one: Made, news: readonly Options[], diag: SockDiag): Result<'bindCells'>['groups'][number] {
  const { addresses } = one.group;
  const v6Only = addresses.newV6Only ? 'on' : 'off';
  return news.map((options) => ({
    state: observedState(one, diag),
    ...tryBind(addresses.new, one.port, options, v6Only),
  }));
}

function tryBind(
  address: string,
  port: number,
  options: Options,
  v6Only: 'on' | 'off',
): { bind: string; listen: string | null } {
  const fd = openSocket(address, 'non-blocking');
  try {
    const failure = attempt(() => {
      setOptions(fd, address, options, v6Only);
      bindSocket(fd, { address, port });
    });
    if (failure !== null) return { bind: failure.errno, listen: null };
    return { bind: 'ok', listen: attempt(() => listenOn(fd, 1))?.errno ?? 'ok' };
  } finally {
    closeDescriptor(fd);
  }
}
