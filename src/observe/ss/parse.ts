import { canonicalAddress, type Endpoint, readPort } from '../../address.ts';
import { harmless } from '../../foreign.ts';
import type { State } from '../../state.ts';
import {
  type Holder,
  type Parsed,
  parseLines,
  type Row,
  type Timer,
  type TimerKind,
  timerKinds,
  uniqueHolders,
} from '../row.ts';

/** The states in the spelling of ss (iproute2, misc/ss.c `sstate_name`). */
export const ssStates: Readonly<Record<string, State>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  UNCONN: 'CLOSED',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
  'NEW-SYN-RECV': 'NEW_SYN_RECV',
  'BOUND-INACTIVE': 'BOUND_INACTIVE',
};

// State, Recv-Q and Send-Q, local and peer address:port, the rest. Older releases omit the blank after a state of ten letters, and between
// the peer's port and `users:`.
const shape =
  /^(NEW-SYN-RECV|BOUND-INACTIVE|[A-Z]+(?:-[A-Z]+)*(?:-[12])?)\s*(\d+)\s+(\d+)\s+(\[[^\]]*\](?:%[^:\s]+)?|[^\s[\]]+):(\d+|\*)\s*(\[[^\]]*\](?:%[^:\s]+)?|[^\s[\]]+):(\d+|\*)(?!\d)\s*(.*)/s;

/** Parses what `ss --tcp --numeric` prints with any of -a, -p, -o, -e. */
export function parseSs(text: string): Parsed {
  return parseLines(text, readLine);
}

function readLine(line: string): Row | null | string {
  if (/^State\s+Recv-Q/.test(line)) return null;
  const match = shape.exec(line);
  if (match === null) return 'not a line of ss';
  // Stryker disable StringLiteral: these groups always match, so that no default is used
  const [, stateText = '', receive = '', send = '', localAddress = '', localPort = '', peerAddress = ''] =
    match;
  const [peerPort = '', rest = ''] = match.slice(7);
  // Stryker restore StringLiteral
  const state = ssStates[stateText];
  if (state === undefined) return `unknown state ${stateText}`;
  const local = endpoint(localAddress, localPort);
  const remote = endpoint(peerAddress, peerPort);
  if (local === undefined) return `unknown address ${localAddress}`;
  if (remote === undefined) return `unknown address ${peerAddress}`;
  const holders = readHolders(rest);
  if (typeof holders === 'string') return holders;
  const details = rest.slice(holders.length);
  const timer = readTimer(details);
  if (typeof timer === 'string') return timer;
  const extended = /(?:^|\s)(?:ino|sk):/.test(details);
  return {
    family: isIPv6(localAddress) ? 'IPv6' : 'IPv4',
    state,
    local,
    remote,
    receiveQueue: Number(receive),
    sendQueue: state === 'LISTEN' ? 0 : Number(send),
    timer,
    processes: uniqueHolders(holders.found),
    uid: extended ? numberAfter('uid', details) : null,
    inode: extended ? numberAfter('ino', details) : null,
    cookie: readCookie(details),
    open: null,
    ...(local.address === '::' && /(?:^|\s)v6only:1(?:\s|$)/.test(details) ? { ipv6Only: true } : {}),
  };
}

// `*` alone is the wildcard of a dual-stack socket; an IPv4 one is written 0.0.0.0.
function isIPv6(address: string): boolean {
  return address === '*' || address.includes(':');
}

function endpoint(addressText: string, portText: string): Endpoint | undefined {
  const address = addressText === '*' ? '::' : canonicalAddress(addressText.replace(/[[\]]/g, ''));
  const port = readPort(portText);
  return address === undefined || port === undefined ? undefined : { address, port };
}

/**
 * `timer:(timewait,59sec,0)`: kind, time left, retransmissions. ss calls the second kind `keepalive`, and everything it does not know
 * `unknown`.
 */
function readTimer(details: string): Timer | null | string {
  const match = /(?:^|\s)timer:\(([^,]*),([^,]*),(\d+)\)/.exec(details);
  if (match === null) return null;
  // Stryker disable next-line StringLiteral: these groups always match, so that no default is used
  const [, kindText = '', timeText = '', retransmits] = match;
  if (kindText === 'off') return null;
  const kind = timerKinds.find((known): known is TimerKind => known === kindText);
  const leftMs = readTime(timeText);
  if (kind === undefined) return `unknown timer ${kindText}`;
  if (leftMs === undefined) return `unknown time ${timeText}`;
  return { kind, leftMs, retransmits: Number(retransmits) };
}

/**
 * The time of a timer in milliseconds. ss (`print_ms_timer`) prints minutes, then seconds; below ten seconds it adds the milliseconds after
 * a point, and calls the whole "ms": `2.940ms` is 2.94 s, while `940ms` is 0.94 s. An empty text is 0.
 */
export function readTime(text: string): number | undefined {
  const match = /^(?:(\d+)min)?(?:(\d+)sec|(?:(\d)\.)?(\d{3})ms)?$/.exec(text);
  if (match === null) return undefined;
  const [, minutes = 0, wholeSeconds = 0, seconds = 0, milliseconds = 0] = match;
  const ms =
    Number(minutes) * 60_000 + (Number(wholeSeconds) + Number(seconds)) * 1000 + Number(milliseconds);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

// Names are not escaped. A name ends before a pid, a descriptor and the next entry (or the end); comm has at most 15 bytes, so no name can
// imitate all of `",pid=1,fd=1),("`.
const holder = /\("(.*?)",pid=(\d+),fd=\d+\)(?=,\("|\))/y;

/** The entries of a leading `users:(...)`, and the length of that part of the text. */
function readHolders(rest: string): { found: Holder[]; length: number } | string {
  const start = 'users:(';
  if (!rest.startsWith(start)) return { found: [], length: 0 };
  const found: Holder[] = [];
  let at = start.length;
  for (;;) {
    holder.lastIndex = at;
    const match = holder.exec(rest);
    if (match === null) return 'unreadable users:(...)';
    // Stryker disable next-line StringLiteral: this group always matches, so that no default is used
    found.push({ name: harmless(match[1] ?? ''), pid: Number(match[2]) });
    at = holder.lastIndex + 1;
    if (rest[at - 1] === ')') return { found, length: at };
  }
}

// Older releases print 0 for an unknown cookie.
function readCookie(details: string): string | null {
  const cookie = /(?:^|\s)sk:([0-9a-f]{1,16})(?:\s|$)/.exec(details)?.[1] ?? '0';
  return cookie === '0' ? null : cookie;
}

function numberAfter(key: 'uid' | 'ino', details: string): number {
  const match = new RegExp(`(?:^|\\s)${key}:(\\d+)`).exec(details);
  return match === null ? 0 : Number(match[1]);
}
