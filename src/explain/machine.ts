import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { describeErrno } from '../native/errno.ts';
import { getSocketOption, type SocketOption, socketOptionNames } from '../native/options.ts';
import { closeDescriptor, openSocket } from '../native/socket.ts';
import { parseCounters } from '../observe/counters/counters.ts';
import { numberOfState, type State } from '../state.ts';
import type { Word } from './words.ts';

/** What the present machine says of a word, just looked up. */
export function askMachine({ kind, name }: Word): string {
  switch (kind) {
    case 'state':
      return countState(name as State);
    case 'term':
      return terms[name]?.() ?? 'nothing to look up';
    case 'errno':
      return `${describeErrno(name)}, number ${constants.errno[name as keyof typeof constants.errno]} here`;
    case 'socket option':
      return readOption(name);
    case 'setting':
      return readSetting(name);
    case 'counter':
      return readCounter(name);
  }
}

/** What can be seen of a term on any machine. */
const terms: Readonly<Record<string, () => string>> = {
  SYN: () => readCounter('ActiveOpens'),
  FIN: () => countState('FIN_WAIT1'),
  RST: () => readCounter('OutRsts'),
  ACK: () => readCounter('TCPPureAcks'),
  MSL: () => countState('TIME_WAIT'),
  '2MSL': () => countState('TIME_WAIT'),
  backlog: () => readSetting('net.core.somaxconn'),
  close: () => readCounter('TCPAbortOnClose'),
  shutdown: () => countState('FIN_WAIT2'),
  'half-close': () => countState('FIN_WAIT2'),
  destroy: () => readCounter('TCPAbortOnClose'),
  keepAliveTimeout: () => `${createServer().keepAliveTimeout} ms in Node ${process.versions.node}`,
  orphan: countOrphans,
  'ephemeral port': () => readSetting('net.ipv4.ip_local_port_range'),
  PAWS: () => readCounter('PAWSEstab'),
  UDP: countUdp,
};

function countState(state: State): string {
  if (state === 'CLOSED') return 'nothing to count: such a socket does not exist';
  const number = numberOfState(state).toString(16).toUpperCase().padStart(2, '0');
  return countRows('tcp', new RegExp(`^\\s*\\d+: \\S+ \\S+ ${number} `), `in ${state}`);
}

function countUdp(): string {
  return countRows('udp', /^\s*\d+: /, 'open for UDP');
}

/** Sockets of both families by the lines of the kernel's tables. */
function countRows(table: 'tcp' | 'udp', pattern: RegExp, which: string): string {
  const tables = [`/proc/net/${table}`, `/proc/net/${table}6`].filter((path) => existsSync(path));
  if (tables.length === 0) return `the table of sockets cannot be read (/proc/net/${table})`;
  const lines = tables.flatMap((path) => readFileSync(path, 'utf8').split('\n'));
  const count = lines.filter((line) => pattern.test(line)).length;
  return `${count} ${count === 1 ? 'socket is' : 'sockets are'} ${which} on this machine now`;
}

function countOrphans(): string {
  const text = readIfThere('/proc/net/sockstat');
  const count = /^TCP: .*\borphan (\d+)/m.exec(text)?.[1];
  return count === undefined ? '/proc/net/sockstat cannot be read' : `${count} on this machine now`;
}

function readCounter(name: string): string {
  const text = ['snmp', 'netstat'].map((file) => readIfThere(`/proc/net/${file}`)).join('');
  const value = parseCounters(text).get(name);
  return value === undefined
    ? `this kernel does not count ${name}`
    : `${name} = ${value} in this network so far`;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function readOption(name: string): string {
  const option = socketOptionNames.find((known): known is SocketOption => known === name);
  if (option === undefined) return 'cannot be read here';
  const address = name.startsWith('IPV6') ? '::1' : '127.0.0.1';
  try {
    const fd = openSocket(address, 'non-blocking');
    try {
      const value = getSocketOption(fd, option);
      return `a new socket has ${name} = ${name === 'SO_LINGER' && value < 0 ? 'off' : value}`;
    } finally {
      closeDescriptor(fd);
    }
  } catch (error) {
    return `cannot be read here (${messageOf(error)})`;
  }
}

function readSetting(name: string): string {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  if (!existsSync(path)) return `${name} does not exist on this machine`;
  return `${name} = ${readFileSync(path, 'utf8').trim().replaceAll('\t', ' ')}`;
}
