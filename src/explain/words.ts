/** The words of closing connections, in plain language. Facts about this machine are looked up, not written here. */
import { meanings } from '../observe/counters/meanings.ts';
import { causes } from './words/causes.ts';
import { clients } from './words/clients.ts';
import type { Entry } from './words/entry.ts';
import { errnos } from './words/errnos.ts';
import { fieldTerms } from './words/field-terms.ts';
import type { WordKind } from './words/kinds.ts';
import { losses } from './words/losses.ts';
import { moreOptions } from './words/more-options.ts';
import { moreSettings } from './words/more-settings.ts';
import { options } from './words/options.ts';
import { otherErrnos } from './words/other-errnos.ts';
import { protocolTerms } from './words/protocol-terms.ts';
import { rfcTerms } from './words/rfc-terms.ts';
import { servers } from './words/servers.ts';
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

/** The scenarios that move a counter, and explain why it moves. */
const moved: Readonly<Record<string, readonly string[]>> = {
  ListenOverflows: ['two-thousand'],
  ListenDrops: ['two-thousand'],
  OutRsts: ['reset', 'linger-zero'],
  EstabResets: ['reset', 'unread-data-resets'],
  TCPAbortOnClose: ['unread-data-resets'],
  TCPAbortOnData: ['linger-zero', 'repeated-fin-meets-reset'],
  TCPAbortOnTimeout: ['user-timeout', 'keepalive'],
  TCPAbortOnLinger: ['fin-wait2-orphan'],
  TCPTimeWaitOverflow: ['bucket-limit'],
  TW: ['how-long'],
  TWRecycled: ['tw-reuse'],
  PAWSEstab: ['refused-by-timestamps'],
  TCPKeepAlive: ['keepalive'],
  TCPTimeouts: ['host-gone', 'fin-lost'],
  RetransSegs: ['fin-lost', 'lost-last-ack'],
  TCPWinProbe: ['fin-wait1-held'],
  TCPToZeroWindowAdv: ['fin-wait1-held'],
  TCPMigrateReqSuccess: ['migrated-queue'],
  ActiveOpens: ['tour'],
  PassiveOpens: ['tour'],
  DelayedACKs: ['three-segments'],
};

const counters = Object.entries(meanings).map(([name, meaning]): Entry => {
  const text = `A counter of the kernel: ${meaning}. "tcpclose demo <scenario> --counters" shows which ones a run moved.`;
  return [name, text, '/proc/net/snmp, /proc/net/netstat; Linux: net/ipv4/proc.c', moved[name] ?? []];
});

export const words: readonly Word[] = [
  ...wordsOf('state', states),
  ...wordsOf('term', [...terms, ...rfcTerms, ...protocolTerms, ...fieldTerms, ...servers]),
  ...wordsOf('errno', [...errnos, ...otherErrnos]),
  ...wordsOf('socket option', [...options, ...tuningOptions, ...moreOptions]),
  ...wordsOf('setting', [...settings, ...tuningSettings, ...moreSettings]),
  ...wordsOf('counter', counters),
  ...wordsOf('finding', [...causes, ...losses]),
  ...wordsOf('idle timeout', clients),
];
