import { canonicalAddress, type Endpoint, readPort } from '../../address.ts';
import { harmless } from '../../foreign.ts';
import { isState, type State } from '../../state.ts';
import { type Holder, type Parsed, parseLines, type Row, type Timer, type TimerKind } from '../row.ts';

// Proto Recv-Q Send-Q Local Foreign State [User Inode] [PID/Program] [Timer]: what follows the state depends on -e, -p, -o.
const shape = /^(tcp6?)\s+(\d+)\s+(\d+) (\S+):(\d+|\*)\s+(\S+):(\d+|\*)\s+([A-Z_0-9]+)(?:\s+(.*))?$/s;
const owner = /^(\d+)\s+(\d+)(?:\s|$)/;
// The space before it is a single one: in a run of spaces, the match would be tried from each of them.
const timerAtEnd = /(?:^|\s)(off|keepalive|on|timewait|probe|unkn-\d+) \((\d+\.\d+)\/(-?\d+)\/(-?\d+)\)$/;

/** Parses what net-tools' `netstat -t -n -W` prints with any of -a, -p, -o, -e. */
export function parseNetstat(text: string): Parsed {
  return parseLines(text, readLine);
}

function readLine(line: string): Row | null | string {
  if (/^(Active Internet connections|Proto Recv-Q|\(Not all processes|\(No info could)/.test(line))
    return null;
  if (/^will not be shown, you would have to be root/.test(line)) return null;
  const match = shape.exec(line);
  if (match === null) return 'not a line of netstat';
  // Stryker disable StringLiteral: these groups always match, so that no default is used
  const [, protocol, receive, send, localAddress = '', localPort = '', remoteAddress = ''] = match;
  const [remotePort = '', stateText = '', rest = ''] = match.slice(7);
  // Stryker restore StringLiteral
  const state = stateOf(stateText);
  if (state === undefined) return `unknown state ${stateText}`;
  const local = endpoint(localAddress, localPort);
  const remote = endpoint(remoteAddress, remotePort);
  if (local === undefined) return `cut off or unknown address ${localAddress}`;
  if (remote === undefined) return `cut off or unknown address ${remoteAddress}`;
  const owned = owner.exec(rest);
  const timer = readTimer(rest);
  if (timer !== null && !Number.isSafeInteger(timer.leftMs)) return 'unknown time of a timer';
  const processes = readHolders(rest.slice(owned?.[0].length ?? 0).replace(timerAtEnd, ''));
  if (typeof processes === 'string') return processes;
  return {
    family: protocol === 'tcp6' ? 'IPv6' : 'IPv4',
    state,
    local,
    remote,
    receiveQueue: Number(receive),
    sendQueue: state === 'LISTEN' ? 0 : Number(send),
    timer,
    processes,
    uid: owned === null ? null : Number(owned[1]),
    inode: owned === null ? null : Number(owned[2]),
    cookie: null,
    open: null,
  };
}

// netstat has its own words for two states: CLOSE, and SYN_RECV for a request that is not a socket yet.
function stateOf(text: string): State | undefined {
  if (text === 'CLOSE') return 'CLOSED';
  return isState(text) ? text : undefined;
}

function endpoint(addressText: string, portText: string): Endpoint | undefined {
  const address = canonicalAddress(addressText);
  const port = readPort(portText);
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** At most one process: netstat shows only the first that it finds. */
function readHolders(text: string): Holder[] | string {
  const shown = text.trim();
  if (shown === '' || shown === '-') return [];
  const match = /^(\d+)\/(.*)/s.exec(shown);
  if (match === null) return `unreadable process ${shown}`;
  // Stryker disable next-line StringLiteral: this group always matches, so that no default is used
  return [{ pid: Number(match[1]), name: harmless(match[2] ?? '') }];
}

const timerNames: Readonly<Record<string, TimerKind>> = {
  on: 'on',
  keepalive: 'keepalive',
  timewait: 'timewait',
  probe: 'persist',
};

/** `on (0.20/3/0)`: seconds left, retransmissions, probes. */
function readTimer(rest: string): Timer | null {
  const match = timerAtEnd.exec(rest);
  if (match === null) return null;
  // Stryker disable next-line StringLiteral: this group always matches, so that no default is used
  const [, name = '', seconds, retransmissions, probes] = match;
  if (name === 'off') return null;
  const kind = timerNames[name] ?? 'unknown';
  return {
    kind,
    leftMs: Math.round(Number(seconds) * 1000),
    retransmits: Number(kind === 'on' ? retransmissions : probes),
  };
}
