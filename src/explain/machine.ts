import { createServer } from 'node:http';
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { many } from '../many.ts';
import { describeErrno } from '../native/errno.ts';
import { getSocketOption, readRawOption, type SocketOption, socketOptionNames } from '../native/options.ts';
import { closeDescriptor, openSocket } from '../native/socket.ts';
import { counterFiles, parseCounters } from '../observe/counters/counters.ts';
import { type Place, readAll } from '../observe/place.ts';
import { readSysctl } from '../observe/sysctl.ts';
import { numberOfState, type State } from '../state.ts';
import { losses } from './words/losses.ts';
import type { Word } from './words.ts';

/** What a machine shows about a word, looked up now. Errnos and socket options are those of this machine. */
export async function askMachine({ kind, name }: Word, place: Place): Promise<string> {
  switch (kind) {
    case 'state':
      return countState(name as State, place);
    case 'term':
      return (await terms[name]?.(place)) ?? 'nothing to look up';
    case 'errno':
      return `${describeErrno(name)}, number ${constants.errno[name as keyof typeof constants.errno]} here`;
    case 'socket option':
      return readOption(name);
    case 'setting':
      return showSysctl(name, place);
    case 'counter':
      return showCounter(name, place);
    case 'finding':
      return findings[name] ?? (isLoss(name) ? byLoad : '"tcpclose audit" looks for it on this machine');
    case 'idle timeout':
      return `"tcpclose idle <port> --client ${name}" measures a server against it`;
  }
}

function byIdle(): string {
  return '"tcpclose idle <port>" measures how long a server keeps an idle connection';
}

/** What any machine shows about a term. */
const terms: Readonly<Record<string, (place: Place) => string | Promise<string>>> = {
  SYN: (place) => showCounter('ActiveOpens', place),
  FIN: (place) => countState('FIN_WAIT1', place),
  RST: (place) => showCounter('OutRsts', place),
  ACK: (place) => showCounter('TCPPureAcks', place),
  MSL: (place) => countState('TIME_WAIT', place),
  '2MSL': (place) => countState('TIME_WAIT', place),
  backlog: (place) => showSysctl('net.core.somaxconn', place),
  close: (place) => showCounter('TCPAbortOnClose', place),
  shutdown: (place) => countState('FIN_WAIT2', place),
  'half-close': (place) => countState('FIN_WAIT2', place),
  destroy: (place) => showCounter('TCPAbortOnClose', place),
  keepAliveTimeout: () => `${createServer().keepAliveTimeout} ms in Node ${process.versions.node}`,
  orphan: countOrphans,
  socket: (place) => countState('ESTABLISHED', place),
  'ephemeral port': (place) => showSysctl('net.ipv4.ip_local_port_range', place),
  PAWS: (place) => showCounter('PAWSEstab', place),
  UDP: countUdp,
  end: (place) => countState('FIN_WAIT2', place),
  listen: (place) => countState('LISTEN', place),
  bind: (place) => showSysctl('net.ipv4.ip_unprivileged_port_start', place),
  accept: (place) => showCounter('PassiveOpens', place),
  connect: (place) => showCounter('ActiveOpens', place),
  'active close': (place) => countState('TIME_WAIT', place),
  'passive close': (place) => countState('CLOSE_WAIT', place),
  'simultaneous close': (place) => countState('CLOSING', place),
  'half-open': (place) => showCounter('TCPAbortOnTimeout', place),
  'lingering close': (place) => showCounter('TCPAbortOnClose', place),
  linger: (place) => showCounter('TCPAbortOnData', place),
  'keep-alive': (place) => showSysctl('net.ipv4.tcp_keepalive_time', place),
  incarnation: (place) => showCounter('TWRecycled', place),
  'time-wait assassination': (place) => showSysctl('net.ipv4.tcp_rfc1337', place),
  'SYN queue': (place) => showSysctl('net.ipv4.tcp_max_syn_backlog', place),
  'SYN cookie': (place) => showCounter('SyncookiesSent', place),
  'challenge ACK': (place) => showCounter('TCPChallengeACK', place),
  retransmission: (place) => showCounter('RetransSegs', place),
  RTO: (place) => showSysctl('net.ipv4.tcp_rto_min_us', place),
  handshake: (place) => showCounter('PassiveOpens', place),
  segment: (place) => showCounter('OutSegs', place),
  '4-tuple': (place) => countState('ESTABLISHED', place),
  TCB: (place) => countState('ESTABLISHED', place),
  RTT: (place) => showSysctl('net.ipv4.tcp_rto_min_us', place),
  'delayed ACK': (place) => showCounter('DelayedACKs', place),
  recv: (place) => countState('CLOSE_WAIT', place),
  send: (place) => showCounter('TCPAbortOnData', place),
  poll: (place) => countState('CLOSE_WAIT', place),
  'socket hang up': (place) => showCounter('EstabResets', place),
  502: (place) => showCounter('EstabResets', place),
  'idle timeout': () => '"tcpclose idle <port>" measures that of a server',
  'connection pool': (place) => countState('CLOSE_WAIT', place),
  'graceful shutdown': () => byLoad,
  'server.close': () => byLoad,
  closeAllConnections: () => byLoad,
  resetAndDestroy: (place) => showCounter('OutRsts', place),
  allowHalfOpen: (place) => countState('CLOSE_WAIT', place),
  requestTimeout: () => `${createServer().requestTimeout} ms in Node ${process.versions.node}`,
  'write after end': (place) => showCounter('TCPAbortOnData', place),
  signal: () => byRestart,
  'socket activation': () => byWhy,
  'docker-proxy': () => byWhy,
  'happy eyeballs': (place) => showSysctl('net.ipv6.bindv6only', place),
  MPTCP: (place) => showSysctl('net.mptcp.enabled', place),
  QUIC: countUdp,
  gunicorn: byIdle,
  uvicorn: byIdle,
  apache: byIdle,
  tomcat: byIdle,
  puma: byIdle,
  'aws-nlb': byIdle,
  traefik: byIdle,
  caddy: byIdle,
  'zero window': (place) => showCounter('TCPToZeroWindowAdv', place),
  wildcard: (place) => showSysctl('net.ipv6.bindv6only', place),
  NAT: (place) => showSysctl('net.netfilter.nf_conntrack_count', place),
};

const byRestart = '"tcpclose restart -- <command>" tests your server';
const byLoad = '"tcpclose restart --load -- <command>" tests your server';
const byWhy = '"tcpclose why <port>" shows it for a port';

/** The command that finds it on this machine; audit finds all others. */
const findings: Readonly<Record<string, string>> = {
  'surviving-listener': byRestart,
  'surviving-connection': byRestart,
  'signal-ignored': byRestart,
  'first-process': byRestart,
  'signal-not-passed-on': byRestart,
  'still-running': byRestart,
  'port-taken-by-other': byRestart,
  'exited-otherwise': byRestart,
  racy: byRestart,
  held: byWhy,
  free: byWhy,
  forbidden: byWhy,
  leaking: byWhy,
  overflowing: byWhy,
  'out of ports': byWhy,
  redirected: byWhy,
  remote: byWhy,
  stale: '"tcpclose why <path>" shows it for a Unix socket',
};

function isLoss(name: string): boolean {
  return losses.some(([loss]) => loss === name);
}

function countState(state: State, place: Place): string | Promise<string> {
  if (state === 'CLOSED') return 'nothing to count: such a socket does not exist';
  const number = numberOfState(state).toString(16).toUpperCase().padStart(2, '0');
  return countRows('tcp', new RegExp(`^\\s*\\d+: \\S+ \\S+ ${number} `), `in ${state}`, place);
}

function countUdp(place: Place): Promise<string> {
  return countRows('udp', /^\s*\d+: /, 'open for UDP', place);
}

/** Sockets of both families, counted in the kernel's tables. */
async function countRows(
  table: 'tcp' | 'udp',
  pattern: RegExp,
  which: string,
  place: Place,
): Promise<string> {
  const text = await readAll(place, [`/proc/net/${table}`, `/proc/net/${table}6`]);
  if (text === '') return `the table of sockets cannot be read (/proc/net/${table})`;
  const count = text.split('\n').filter((line) => pattern.test(line)).length;
  return `${many(count, 'socket is', 'sockets are')} ${which} on this machine now`;
}

async function countOrphans(place: Place): Promise<string> {
  const text = (await place.read('/proc/net/sockstat')) ?? '';
  const count = /^TCP: .*\borphan (\d+)/m.exec(text)?.[1];
  return count === undefined ? '/proc/net/sockstat cannot be read' : `${count} on this machine now`;
}

async function showCounter(name: string, place: Place): Promise<string> {
  const value = parseCounters(await readAll(place, counterFiles)).get(name);
  return value === undefined
    ? `this kernel does not count ${name}`
    : `${name} = ${value} in this network so far`;
}

/** Options that no scenario sets: their level and number, as in asm-generic. */
const otherOptions: Readonly<Record<string, readonly [level: number, number: number]>> = {
  TCP_CORK: [6, 3],
  TCP_FASTOPEN: [6, 23],
  TCP_NOTSENT_LOWAT: [6, 25],
  IP_FREEBIND: [0, 15],
  IP_TRANSPARENT: [0, 19],
  SO_INCOMING_CPU: [1, 49],
};

function readOption(name: string): string {
  const option = socketOptionNames.find((known): known is SocketOption => known === name);
  const [level, number] = otherOptions[name] ?? [];
  const address = name.startsWith('IPV6') ? '::1' : '127.0.0.1';
  try {
    const fd = openSocket(address, 'non-blocking');
    try {
      const value =
        option === undefined
          ? readRawOption(fd, level ?? 0, number ?? 0, 4).readInt32LE()
          : getSocketOption(fd, option);
      return `a new socket has ${name} = ${name === 'SO_LINGER' && value < 0 ? 'off' : value}`;
    } finally {
      closeDescriptor(fd);
    }
  } catch (error) {
    return `cannot be read here (${messageOf(error)})`;
  }
}

async function showSysctl(name: string, place: Place): Promise<string> {
  const value = await readSysctl(place, name);
  return value === null ? `${name} does not exist on this machine` : `${name} = ${value}`;
}
