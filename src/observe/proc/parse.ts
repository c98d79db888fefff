import { type Endpoint, ipv6AddressIn } from '../../address.ts';
import { stateOfNumber } from '../../state.ts';
import { type Holder, type Parsed, parseLines, type Row, type Timer, type TimerKind } from '../row.ts';

/** USER_HZ: the kernel's unit of time in its interfaces, 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

//   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode, and more
const shape =
  /^\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) ([0-9A-F]{2}):([0-9A-F]{8,16}) ([0-9A-F]{8}) +(\d+) +(\d+) (\d+) /;

/**
 * Parses /proc/net/tcp and /proc/net/tcp6 (proc_pid_net(5)), also one after the other. `holders` returns the processes that have the socket
 * with that inode open.
 */
export function parseProc(text: string, holders: (inode: number) => readonly Holder[] = () => []): Parsed {
  return parseLines(text, (line) => readLine(line, holders));
}

function readLine(line: string, holders: (inode: number) => readonly Holder[]): Row | null | string {
  if (/^sl\s+local_address/.test(line)) return null;
  const match = shape.exec(line);
  if (match === null) return 'not a line of /proc/net/tcp';
  // Stryker disable StringLiteral: these groups always match, so that no default is used
  const [, localAddress = '', localPort = '', remoteAddress = '', remotePort = '', stateText = ''] = match;
  const [send = '', receive = '', timer = '', when = '', retransmits = ''] = match.slice(6);
  const [uid = '', probes = '', inodeText = ''] = match.slice(11);
  // Stryker restore StringLiteral
  const state = stateOfNumber(hex(stateText));
  if (state === undefined) return `unknown state ${stateText}`;
  if (localAddress.length !== remoteAddress.length) return 'addresses of two families';
  const inode = Number(inodeText);
  return {
    family: localAddress.length === 8 ? 'IPv4' : 'IPv6',
    state,
    local: endpoint(localAddress, localPort),
    remote: endpoint(remoteAddress, remotePort),
    receiveQueue: hex(receive),
    sendQueue: hex(send),
    timer: readTimer(hex(timer), hex(when), hex(retransmits), Number(probes)),
    processes: inode === 0 ? [] : holders(inode),
    uid: Number(uid),
    inode,
    cookie: null,
    open: null,
  };
}

function hex(text: string): number {
  return Number.parseInt(text, 16);
}

function endpoint(address: string, port: string): Endpoint {
  return { address: readAddress(address), port: hex(port) };
}

/** Groups of 32 bits, each printed in the byte order of the machine. */
function readAddress(text: string): string {
  const length = text.length / 8;
  const groups = Uint32Array.from({ length }, (_, i) => hex(text.slice(8 * i, 8 * (i + 1))));
  const bytes = Buffer.from(groups.buffer);
  if (bytes.length === 4) return bytes.join('.');
  return ipv6AddressIn(bytes, 0);
}

/** By number, as in get_tcp4_sock() of the kernel's net/ipv4/tcp_ipv4.c. */
const timerNumbers: Readonly<Record<number, TimerKind>> = {
  1: 'on',
  2: 'keepalive',
  3: 'timewait',
  4: 'persist',
};

function readTimer(number: number, ticks: number, retransmissions: number, probes: number): Timer | null {
  if (number === 0) return null;
  const kind = timerNumbers[number] ?? 'unknown';
  const leftMs = Math.round((ticks * 1000) / ticksPerSecond);
  return { kind, leftMs, retransmits: kind === 'on' ? retransmissions : kind === 'timewait' ? 0 : probes };
}

/** The /proc/net/tcp lines (header included) that concern the ports; cheap enough to run over 50,000 lines. */
export function linesOfPorts(text: string, ports: readonly number[]): string {
  const wanted = new Set(ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')));
  return text
    .split('\n')
    .filter((line) => {
      const match = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4})/.exec(line);
      // Stryker disable next-line StringLiteral: these groups always match, so that no default is used
      return match === null ? line.trim() !== '' : wanted.has(match[1] ?? '') || wanted.has(match[2] ?? '');
    })
    .join('\n');
}
