/** The words of closing connections, in plain language. Facts about this machine are looked up, not written here. */
import { meanings } from '../observe/counters/meanings.ts';
import { causes } from './words/causes.ts';
import { clients } from './words/clients.ts';
import type { Entry } from './words/entry.ts';
import { errnos } from './words/errnos.ts';
import type { WordKind } from './words/kinds.ts';
import { losses } from './words/losses.ts';
import { options } from './words/options.ts';
import { otherErrnos } from './words/other-errnos.ts';
import { rfcTerms } from './words/rfc-terms.ts';
import { settings } from './words/settings.ts';
import { states } from './words/states.ts';
import { terms } from './words/terms.ts';
import { tuningOptions } from './words/tuning-options.ts';
import { tuningSettings } from './words/tuning-settings.ts';

export interface Word {
  readonly name: string;
  readonly kind: WordKind;
  readonly text: string;
  readonly source: string;
  /** The scenarios that demonstrate it. */
  readonly shownBy: readonly string[];
}

function wordsOf(kind: WordKind, entries: readonly Entry[]): Word[] {
  return entries.map(([name, text, source, shownBy]) => ({ name, kind, text, source, shownBy }));
}

const counters = Object.entries(meanings).map(([name, meaning]): Entry => {
  const text = `A counter of the kernel: ${meaning}. "tcpclose demo <scenario> --counters" shows which ones a run moved.`;
  return [name, text, '/proc/net/snmp, /proc/net/netstat; Linux: net/ipv4/proc.c', []];
});

export const words: readonly Word[] = [
  ...wordsOf('state', states),
  ...wordsOf('term', [...terms, ...rfcTerms]),
  ...wordsOf('errno', [...errnos, ...otherErrnos]),
  ...wordsOf('socket option', [...options, ...tuningOptions]),
  ...wordsOf('setting', [...settings, ...tuningSettings]),
  ...wordsOf('counter', counters),
  ...wordsOf('finding', [...causes, ...losses]),
  ...wordsOf('idle timeout', clients),
];

/** Finds a word in any of its spellings: `time-wait`, `tcp_fin_timeout`, `net.ipv4.tcp_fin_timeout`, `shutdown(2)`. */
export function findWord(text: string): Word | undefined {
  const wanted = bare(text);
  const name = aliases[wanted] ?? wanted;
  return words.find((word) => bare(word.name) === name);
}

// ss (FIN-WAIT-1) and RFC 9293 differ in hyphens, settings may come with their folder, and nstat(8) puts TcpExt before a counter.
function bare(text: string): string {
  return text
    .toUpperCase()
    .replace(/^(NET\.(IPV4|IPV6|CORE|NETFILTER)|KERNEL\.YAMA)\./, '')
    .replace(/^TCPEXT(?=.)/, '')
    .replace(/\(\d?\)$/, '')
    .replaceAll(/[-_. ]/g, '');
}

const aliases: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  ADDRESSALREADYINUSE: 'EADDRINUSE',
  CONNECTIONRESETBYPEER: 'ECONNRESET',
  CONNECTIONREFUSED: 'ECONNREFUSED',
  BROKENPIPE: 'EPIPE',
  ACCEPTQUEUE: 'BACKLOG',
  LISTENQUEUE: 'BACKLOG',
  RESET: 'RST',
  REUSEADDR: 'SOREUSEADDR',
  REUSEPORT: 'SOREUSEPORT',
  SHUTWR: 'HALFCLOSE',
  SOCKETEND: 'END',
  SOCKETDESTROY: 'DESTROY',
  HALFCLOSED: 'HALFCLOSE',
  LISTENBACKLOG: 'BACKLOG',
  OUTOFPORT: 'OUTOFPORTS',
  DUALSTACK: 'WILDCARD',
  CONNTRACKMAX: 'NFCONNTRACKMAX',
  RETRANSMISSIONTIMEOUT: 'RTO',
  SYNCOOKIES: 'TCPSYNCOOKIES',
};
